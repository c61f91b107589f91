using Npgsql;
using Webhooks.Delivery.Ownership;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Accepting;

/// <summary>Gives a delivery up because someone asked for it. What waited behind it goes on.</summary>
public sealed class DeliverySkips(PostgresEventStore store, ShardLeases shards)
{
    private const string Dequeue = "delete from delivery.queue where delivery_id = $1";

    // The loader looks at keys of which something becomes due.
    private const string MakeNextDue = """
        update delivery.queue set due_at = now()
        where delivery_id = (
            select q.delivery_id from delivery.queue q
            where q.shard = $1 and q.webhook_id = $2 and q.ordering_key = $3 and q.due_at <= now()
            order by q.sequence limit 1)
        """;

    /// <returns>Null: done, or it is so already.</returns>
    /// <exception cref="DatabaseUnavailableException">Nothing was changed.</exception>
    public async Task<Refusal?> Skip(DeliveryPlan plan, ApiKeyId? actor, Guid correlation, CancellationToken ct)
    {
        while (true)
        {
            await using var session = await store.OpenSession(ct);
            var stream = await session.FetchForWriting<DeliveryState, DeliveryFact>(plan.Delivery.Value, DeliveryState.Planned, DeliveryState.Evolve, ct);
            var decision = DeliveryState.Decide(stream.State, new SkipDelivery());
            if (decision.Refusal is not null || decision.Facts.Count == 0)
            {
                return decision.Refusal;
            }

            session.Append(plan.Delivery.Value, stream.Version, decision.Facts, new FactMeta(plan.Company, actor, correlation));
            session.Enlist(batch =>
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(Dequeue) { Parameters = { new() { Value = plan.Delivery.Value } } });
                DeliveryResends.AddUnblock(batch, plan);
                if (plan.OrderingKey is { } key)
                {
                    batch.BatchCommands.Add(new NpgsqlBatchCommand(MakeNextDue)
                    {
                        Parameters = { new() { Value = ShardLeases.PinnedShard(plan.Webhook) }, new() { Value = plan.Webhook.Value }, new() { Value = key } },
                    });
                }
            });
            if (await session.SaveChanges(ct) is SaveResult.Saved)
            {
                shards.WorkIsDue(ShardLeases.PinnedShard(plan.Webhook));
                return null;
            }
        }
    }
}
