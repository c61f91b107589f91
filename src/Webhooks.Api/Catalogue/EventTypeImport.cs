using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.EventStore;

namespace Webhooks.Api.Catalogue;

/// <param name="Outcome">defined, changed or unchanged.</param>
public sealed record ImportedEventType(EventTypeId Sid, string Name, string Outcome, int Version, EventTypeStatus Status);

/// <summary>Takes many types into the catalogue in one transaction.</summary>
internal sealed class EventTypeImport(PostgresEventStore store, EventTypeTarget target, EnforcedCatalogue catalogue)
{
    private const int MaxTries = 5;
    private const string Defined = "defined";

    /// <param name="enforced">Null: as it is, false for new types.</param>
    /// <exception cref="ProblemException">Refused; nothing was changed.</exception>
    public async Task<IReadOnlyList<ImportedEventType>> Run(HttpContext http, CompanyId owner, IReadOnlyList<DescribedEventType> types, bool? enforced, bool isDryRun)
    {
        ArgumentNullException.ThrowIfNull(http);

        // In one order, so that two imports at a time wait for each other and not in a circle.
        var inOrder = types.OrderBy(t => t.Name, StringComparer.Ordinal).ToList();
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            // What takes a connection comes before the session, or after it.
            var room = await target.Room(http, owner);
            if (await Import(http, owner, inOrder, enforced, isDryRun, room) is { } done)
            {
                if (done.IsChanged)
                {
                    await catalogue.Follow(http.RequestAborted);
                }

                return done.Types;
            }
        }

        throw Problems.Refuse(409, "version.conflict", "Others change these types at the same time; try again.");
    }

    /// <returns>Null: somebody else was faster at one of them, and nothing was changed.</returns>
    private async Task<(List<ImportedEventType> Types, bool IsChanged)?> Import(HttpContext http, CompanyId owner, List<DescribedEventType> types, bool? enforced, bool isDryRun, long room)
    {
        var meta = new FactMeta(owner, http.Caller().Key, http.Call().Correlation);
        await using var session = await store.OpenSession(http.RequestAborted);
        var imported = new List<ImportedEventType>(types.Count);
        var isChange = false;
        foreach (var type in types)
        {
            var id = EventTypeId.Of(owner, type.Name);
            var stream = await session.FetchForWriting<EventType, EventTypeFact>(id.Value, EventType.Unknown, EventType.Evolve, http.RequestAborted);
            var (facts, state) = Decide(stream.State, owner, type, enforced);
            session.Append(id.Value, stream.Version, facts, meta);
            isChange |= facts.Count > 0;
            var isNew = stream.State.Status is EventTypeStatus.Unknown or EventTypeStatus.Deleted;
            imported.Add(new ImportedEventType(id, type.Name, isNew ? Defined : facts.Count > 0 ? "changed" : "unchanged", state.Version, state.Status));
        }

        if (isDryRun || !isChange)
        {
            return (imported, false);
        }

        EventTypeTarget.RequireRoom(room, imported.Count(t => t.Outcome == Defined));
        return await session.SaveChanges(http.RequestAborted) switch
        {
            SaveResult.Saved => (imported, true),
            SaveResult.VersionConflict => null,
            var result => throw new InvalidOperationException($"Nothing says what {result} means for event types."),
        };
    }

    private static (List<Fact> Facts, EventType State) Decide(EventType state, CompanyId owner, DescribedEventType type, bool? enforced)
    {
        var isThere = state.Status is EventTypeStatus.Active or EventTypeStatus.Deprecated;
        var definition = type.Definition with { Enforced = enforced ?? (isThere && state.Definition!.Enforced && type.Definition.Schema is not null) };
        var facts = new List<Fact>();
        var after = Apply(state, isThere ? new ChangeEventType(definition) : new Domain.Catalogue.DefineEventType(owner, type.Name, definition), facts);
        after = type.Deprecated && after.Status == EventTypeStatus.Active ? Apply(after, new Domain.Catalogue.DeprecateEventType(null, null), facts) : after;
        return (facts, after);
    }

    private static EventType Apply(EventType state, EventTypeCommand command, List<Fact> facts)
    {
        var decision = EventType.Decide(state, command);
        if (decision.Refusal is { } refusal)
        {
            throw new ProblemException(Problems.Of(refusal));
        }

        facts.AddRange(decision.Facts);
        return decision.Facts.Aggregate(state, (s, fact) => EventType.Evolve(s, (EventTypeFact)fact));
    }
}
