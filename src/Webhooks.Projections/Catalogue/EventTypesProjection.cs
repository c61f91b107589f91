using System.Text.Json;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.EventStore;

namespace Webhooks.Projections.Catalogue;

/// <summary>read.event_types: the catalogue as the rules fold it, written with the facts.</summary>
public sealed class EventTypesProjection : IInlineProjection
{
    private const string UpsertSql = """
        insert into read.event_types (event_type_id, company_id, name, version, status, enforced, state, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (event_type_id) do update set
            version = excluded.version, status = excluded.status, enforced = excluded.enforced, state = excluded.state, updated_at = excluded.updated_at
        """;

    public void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch)
    {
        ArgumentNullException.ThrowIfNull(fact);
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(batch);
        if (fact.Fact is EventTypeFact)
        {
            batch.BatchCommands.Add(Upsert(fact, earlier));
        }
    }

    private static NpgsqlBatchCommand Upsert(StoredFact fact, IReadOnlyList<StoredFact> earlier)
    {
        var state = earlier.Append(fact).Aggregate(EventType.Unknown, (type, stored) => EventType.Evolve(type, (EventTypeFact)stored.Fact));
        var command = new NpgsqlBatchCommand(UpsertSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = fact.StreamId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = state.Company.Value });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = state.Name ?? throw new InvalidDataException($"The stream of {new EventTypeId(fact.StreamId)} does not start with its definition.") });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = fact.Version });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StatusName(state.Status) });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = state.Definition!.Enforced });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = JsonSerializer.SerializeToUtf8Bytes(state, FactJson.Instance.EventType) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = (earlier.Count == 0 ? fact : earlier[0]).RecordedAt });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = fact.RecordedAt });
        return command;
    }

    private static string StatusName(EventTypeStatus status) => status switch
    {
        EventTypeStatus.Active => "active",
        EventTypeStatus.Deprecated => "deprecated",
        EventTypeStatus.Deleted => "deleted",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A type of this status has no row."),
    };
}
