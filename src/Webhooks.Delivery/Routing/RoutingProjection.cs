using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Routing;

/// <summary>Moves the routing version in the transaction of every change to a webhook or to its company's settings, and asks for a sweep where waiting deliveries are concerned.</summary>
public sealed class RoutingProjection : IInlineProjection
{
    public const string Channel = "webhooks_routing";

    private const string MoveVersion = """
        insert into delivery.routing_versions (company_id, version) values ($1, 1)
        on conflict (company_id) do update set version = routing_versions.version + 1, tx = pg_current_xact_id()
        """;
    private const string Announce = $"select pg_notify('{Channel}', '')";
    private const string RequestSweep = """
        insert into delivery.sweeps (webhook_id, company_id) values ($1, $2)
        on conflict (webhook_id) do update set requested_at = now()
        """;

    public void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch)
    {
        if (fact.Fact is not (WebhookFact or CompanySettingsChanged))
        {
            return;
        }

        Add(batch, MoveVersion, fact.Company.Value);
        Add(batch, Announce);
        if (fact.Fact is WebhookDisabled or WebhookEnabled or WebhookPaused or WebhookRecovered or WebhookDeleted)
        {
            Add(batch, RequestSweep, fact.StreamId, fact.Company.Value);
        }
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<Guid> ids)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        foreach (var id in ids)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id, NpgsqlDbType = NpgsqlDbType.Uuid });
        }

        batch.BatchCommands.Add(command);
    }
}
