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
            });
            if (await session.SaveChanges(ct) is SaveResult.Saved)
            {
                shards.WorkIsDue();
                return null;
            }
        }
    }
}
