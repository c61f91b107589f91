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

    public void Apply(IReadOnlyList<StoredFact> stream, int firstNew, NpgsqlBatch batch)
    {
        if (stream[0].Fact is not WebhookFact)
        {
            return;
        }

        var state = stream.Aggregate(Webhook.Unknown, (webhook, stored) => Webhook.Evolve(webhook, (WebhookFact)stored.Fact));
        var configuration = state.Configuration ?? throw new InvalidDataException($"The stream of {new WebhookId(stream[0].StreamId)} does not start with its creation.");
        var command = batch.CreateBatchCommand();
        command.CommandText = UpsertSql;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = stream[0].StreamId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = state.Company.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = stream[^1].Version });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = StatusName(state.Status) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = configuration.Url });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = configuration.Label });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = JsonSerializer.SerializeToUtf8Bytes(state, FactJson.Instance.Webhook) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = stream[0].RecordedAt });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = stream[^1].RecordedAt });
        batch.BatchCommands.Add(command);
    }

    private static string StatusName(WebhookStatus status) => status switch
    {
        WebhookStatus.Active => "active",
        WebhookStatus.Disabled => "disabled",
        WebhookStatus.Deleted => "deleted",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A webhook of this status has no row."),
    };
}
