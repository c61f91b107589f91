using Npgsql;
using Webhooks.Delivery.Ownership;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Accepting;

/// <summary>A delivery as its message planned it.</summary>
public sealed record DeliveryPlan(DeliveryId Delivery, MessageId Message, WebhookId Webhook, CompanyId Company)
{
    public long? Sequence { get; init; }

    /// <summary>Null: not ordered. Empty: ordered, of an event without a key.</summary>
    public string? OrderingKey { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>Its webhook is served by one node alone.</summary>
    public bool Pinned { get; init; }
}

/// <summary>Sends a delivery again because someone asked for it. The request and the row that brings it about are one transaction.</summary>
public sealed class DeliveryResends(PostgresEventStore store, ShardLeases shards)
{
    // A row without a due time is in its owner's memory, so it is on its way already.
    private const string MakeDue = """
        insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at, sequence, ordering_key, resent_at)
        values ($1, $2, $3, $4, $5, $6, $7, now(), $8, $9, $10)
        on conflict (delivery_id) do update
        set version = excluded.version, failures = excluded.failures, due_at = case when queue.due_at is null then null else now() end
        """;
    private const string Unblock = "delete from delivery.blocked_keys where webhook_id = $1 and delivery_id = $2";

    /// <returns>Null: done, or it is so already.</returns>
    /// <exception cref="DatabaseUnavailableException">Nothing was changed.</exception>
    public async Task<Refusal?> Resend(DeliveryPlan plan, WebhookStatus webhook, DateTimeOffset now, ApiKeyId? actor, Guid correlation, CancellationToken ct)
    {
        while (true)
        {
            await using var session = await store.OpenSession(ct);
            var stream = await session.FetchForWriting<DeliveryState, DeliveryFact>(plan.Delivery.Value, DeliveryState.Planned, DeliveryState.Evolve, ct);
            var decision = DeliveryState.Decide(stream.State, new RetryDelivery(webhook, now) { DeliverAt = plan.DeliverAt });
            if (decision.Refusal is not null || decision.Facts.Count == 0)
            {
                return decision.Refusal;
            }

            var after = decision.Facts.Aggregate(stream.State, static (s, f) => DeliveryState.Evolve(s, (DeliveryFact)f));
            session.Append(plan.Delivery.Value, stream.Version, decision.Facts, new FactMeta(plan.Company, actor, correlation));
            var shard = ShardFor(plan, stream.State.BlocksKey);
            session.Enlist(batch =>
            {
                AddMakeDue(batch, plan, shard, stream.Version + decision.Facts.Count, after, stream.State.BlocksKey);
                AddUnblock(batch, plan);
            });
            if (await session.SaveChanges(ct) is SaveResult.Saved)
            {
                shards.WorkIsDue(shard);
                return null;
            }
        }
    }

    private short ShardFor(DeliveryPlan plan, bool inOrder) => (plan.Pinned || inOrder ? shards.ForPinned(plan.Webhook) : shards.ForNewWork()).Number;

    /// <summary>Takes it out of the way of others of its key, where it is there.</summary>
    internal static void AddUnblock(NpgsqlBatch batch, DeliveryPlan plan)
    {
        if (plan.OrderingKey is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Unblock) { Parameters = { new() { Value = plan.Webhook.Value }, new() { Value = plan.Delivery.Value } } });
        }
    }

    /// <param name="inOrder">It held back its key, so those of its key stay behind it. Any other that comes again comes out of order.</param>
    private static void AddMakeDue(NpgsqlBatch batch, DeliveryPlan plan, short shard, int version, DeliveryState after, bool inOrder)
    {
        var command = new NpgsqlBatchCommand(MakeDue);
        foreach (var value in new object?[]
        {
            plan.Delivery.Value, shard, plan.Webhook.Value, plan.Message.Value, version, after.Attempts, after.Failures, plan.Sequence, inOrder ? plan.OrderingKey : null,
            after.Series.ResentAt?.UtcDateTime,
        })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        batch.BatchCommands.Add(command);
    }
}
