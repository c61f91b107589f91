namespace Webhooks.Domain.Catalogue;

public abstract record EventTypeCommand;

/// <param name="Company">Whose type it is; <see cref="CompanyId.Installation"/>: every company's.</param>
public sealed record DefineEventType(CompanyId Company, string Name, EventTypeDefinition Definition) : EventTypeCommand;
public sealed record ChangeEventType(EventTypeDefinition Definition) : EventTypeCommand;

/// <inheritdoc cref="EventTypeDeprecated"/>
public sealed record DeprecateEventType(string? Note, string? ReplacedBy) : EventTypeCommand;
public sealed record ReinstateEventType : EventTypeCommand;
public sealed record DeleteEventType : EventTypeCommand;

/// <summary>A kind of event that the platform speaks of: what it means and what its payloads look like. Stream: its id, which is made of company and name.</summary>
/// <param name="Version">Of the definition: 1 when it was first defined, one more with each change.</param>
/// <param name="Deprecation">Null unless it is deprecated.</param>
public sealed record EventType(EventTypeStatus Status, CompanyId Company, string? Name, EventTypeDefinition? Definition, int Version, EventTypeDeprecated? Deprecation)
{
    /// <summary>Nodes keep what they enforce in memory.</summary>
    public const int MaxPerCompany = 2_000;
    public const int MaxDescriptionLength = 4_000;
    public const int MaxNoteLength = 1_000;
    public const int MaxExampleBytes = 64 * 1024;

    public static readonly EventType Unknown = new(EventTypeStatus.Unknown, default, null, null, 0, null);

    public static Decision Decide(EventType state, EventTypeCommand command) => (command, state.Status) switch
    {
        (DefineEventType c, EventTypeStatus.Unknown or EventTypeStatus.Deleted) =>
            (EventTypeRules.Refuse(c.Name, "name") ?? EventTypeRules.Refuse(c.Definition)) is { } refusal ? refusal : new EventTypeDefined(c.Company, c.Name, c.Definition),
        (DefineEventType c, _) => c.Definition == state.Definition
            ? Decision.AlreadySo
            : Refusal.Conflict("event_type.exists", "This event type is defined already, in another way; PUT changes it."),
        (DeleteEventType, EventTypeStatus.Deleted) => Decision.AlreadySo,
        (_, EventTypeStatus.Unknown or EventTypeStatus.Deleted) => Refusal.NotFound("event_type"),
        (ChangeEventType c, _) when c.Definition == state.Definition => Decision.AlreadySo,
        (ChangeEventType c, _) => EventTypeRules.Refuse(c.Definition) is { } refusal ? refusal : new EventTypeChanged(c.Definition),
        (DeprecateEventType c, _) => DecideDeprecation(state, new EventTypeDeprecated(c.Note, c.ReplacedBy)),
        (ReinstateEventType, EventTypeStatus.Active) => Decision.AlreadySo,
        (ReinstateEventType, _) => new EventTypeReinstated(),
        (DeleteEventType, _) => new EventTypeDeleted(),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "No rule for this command."),
    };

    private static Decision DecideDeprecation(EventType state, EventTypeDeprecated deprecated) =>
        deprecated == state.Deprecation ? Decision.AlreadySo
        : EventTypeRules.Refuse(deprecated, state.Name!) is { } refusal ? refusal
        : deprecated;

    public static EventType Evolve(EventType state, EventTypeFact fact) => fact switch
    {
        EventTypeDefined f => new EventType(EventTypeStatus.Active, f.Company, f.Name, f.Definition, state.Version + 1, null),
        EventTypeChanged f => state with { Definition = f.Definition, Version = state.Version + 1 },
        EventTypeDeprecated f => state with { Status = EventTypeStatus.Deprecated, Deprecation = f },
        EventTypeReinstated => state with { Status = EventTypeStatus.Active, Deprecation = null },
        EventTypeDeleted => state with { Status = EventTypeStatus.Deleted, Deprecation = null },
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "No rule for this fact."),
    };
}
