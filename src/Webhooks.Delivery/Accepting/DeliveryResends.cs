using Npgsql;
using Webhooks.Delivery.Ownership;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Accepting;

/// <summary>A delivery as its message planned it.</summary>
public sealed record DeliveryPlan(DeliveryId Delivery, MessageId Message, WebhookId Webhook, CompanyId Company);

/// <summary>Sends a delivery again because someone asked for it. The request and the row that brings it about are one transaction.</summary>
public sealed class DeliveryResends(PostgresEventStore store, ShardLeases shards)
{
    // A row without a due time is in its owner's memory, so it is on its way already.
    private const string MakeDue = """
        insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at)
        values ($1, $2, $3, $4, $5, $6, $7, now())
        on conflict (delivery_id) do update
        set version = excluded.version, failures = excluded.failures, due_at = case when queue.due_at is null then null else now() end
        """;

    /// <returns>Null: done, or it is so already.</returns>
    /// <exception cref="DatabaseUnavailableException">Nothing was changed.</exception>
    public async Task<Refusal?> Resend(DeliveryPlan plan, WebhookStatus webhook, DateTimeOffset now, ApiKeyId? actor, Guid correlation, CancellationToken ct)
    {
        while (true)
        {
            await using var session = await store.OpenSession(ct);
            var stream = await session.FetchForWriting<DeliveryState, DeliveryFact>(plan.Delivery.Value, DeliveryState.Planned, DeliveryState.Evolve, ct);
            var decision = DeliveryState.Decide(stream.State, new RetryDelivery(webhook, now));
            if (decision.Refusal is not null || decision.Facts.Count == 0)
            {
                return decision.Refusal;
            }

            var after = decision.Facts.Aggregate(stream.State, static (s, f) => DeliveryState.Evolve(s, (DeliveryFact)f));
            session.Append(plan.Delivery.Value, stream.Version, decision.Facts, new FactMeta(plan.Company, actor, correlation));
            var shard = shards.ForNewWork().Number;
            session.Enlist(batch => AddMakeDue(batch, plan, shard, stream.Version + decision.Facts.Count, after));
            if (await session.SaveChanges(ct) is SaveResult.Saved)
            {
                shards.WorkIsDue(shard);
                return null;
            }
        }
    }

    private static void AddMakeDue(NpgsqlBatch batch, DeliveryPlan plan, short shard, int version, DeliveryState after)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = MakeDue;
        foreach (var value in new object[] { plan.Delivery.Value, shard, plan.Webhook.Value, plan.Message.Value, version, after.Attempts, after.Failures })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        batch.BatchCommands.Add(command);
    }
}
