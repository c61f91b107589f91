using System.Text.Json;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;

namespace Webhooks.Projections.Endpoints;

/// <summary>read.webhooks: the aggregate as the rules fold it, written with the facts, so that routing never decides from old state.</summary>
public sealed class WebhooksProjection : IInlineProjection
{
    private const string UpsertSql = """
        insert into read.webhooks (webhook_id, company_id, version, status, url, label, state, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (webhook_id) do update set
            version = excluded.version, status = excluded.status, url = excluded.url, label = excluded.label,
            state = excluded.state, updated_at = excluded.updated_at
        """;

    public void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch)
    {
        ArgumentNullException.ThrowIfNull(fact);
        ArgumentNullException.ThrowIfNull(earlier);
        ArgumentNullException.ThrowIfNull(batch);
        if (fact.Fact is WebhookFact)
        {
            batch.BatchCommands.Add(Upsert(fact, earlier));
        }
    }

    private static NpgsqlBatchCommand Upsert(StoredFact fact, IReadOnlyList<StoredFact> earlier)
    {
        var state = earlier.Append(fact).Aggregate(Webhook.Unknown, (webhook, stored) => Webhook.Evolve(webhook, (WebhookFact)stored.Fact));
        var configuration = state.Configuration ?? throw new InvalidDataException($"The stream of {new WebhookId(fact.StreamId)} does not start with its creation.");
        var command = new NpgsqlBatchCommand(UpsertSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = fact.StreamId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = state.Company.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = fact.Version });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StatusName(state.Status) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = configuration.Url });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = configuration.Label });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = JsonSerializer.SerializeToUtf8Bytes(state, FactJson.Instance.Webhook) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = (earlier.Count == 0 ? fact : earlier[0]).RecordedAt });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = fact.RecordedAt });
        return command;
    }

    private static string StatusName(WebhookStatus status) => status switch
    {
        WebhookStatus.Active => "active",
        WebhookStatus.Disabled => "disabled",
        WebhookStatus.Deleted => "deleted",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A webhook of this status has no row."),
    };
}
