using System.Text.Json.Serialization;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue;

public abstract record EventTypeFact : Fact;

/// <summary>The catalogue got a type, or got one back that had been deleted.</summary>
/// <param name="Company">Whose type it is; the id of zeros: every company's.</param>
public sealed record EventTypeDefined(CompanyId Company, string Name, EventTypeDefinition Definition) : EventTypeFact;

/// <summary>The definition as it is from now on, as a whole; what changed is the difference from the fact before.</summary>
public sealed record EventTypeChanged(EventTypeDefinition Definition) : EventTypeFact;

/// <summary>Nobody should begin to use it. It is emitted and delivered all the same.</summary>
/// <param name="Note">For people: why, until when.</param>
/// <param name="ReplacedBy">The type to use instead.</param>
public sealed record EventTypeDeprecated(string? Note, string? ReplacedBy) : EventTypeFact;

/// <summary>It is not deprecated any more.</summary>
public sealed record EventTypeReinstated : EventTypeFact;

/// <summary>The catalogue has it no more. Its name can be defined anew.</summary>
public sealed record EventTypeDeleted : EventTypeFact;

/// <summary>What an event type means and what its payloads look like.</summary>
/// <param name="Description">For people; may be empty.</param>
public sealed record EventTypeDefinition(string Description)
{
    /// <summary>What its payloads fit (<see cref="PayloadSchema"/>); null: anything.</summary>
    public JsonText? Schema { get; init; }

    /// <summary>A payload, which fits the schema.</summary>
    public JsonText? Example { get; init; }

    /// <summary>Events whose payload does not fit the schema are refused.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Enforced { get; init; }
}

[JsonConverter(typeof(JsonStringEnumConverter<EventTypeStatus>))]
public enum EventTypeStatus
{
    [JsonStringEnumMemberName("unknown")]
    Unknown,
    [JsonStringEnumMemberName("active")]
    Active,
    [JsonStringEnumMemberName("deprecated")]
    Deprecated,
    [JsonStringEnumMemberName("deleted")]
    Deleted,
}
