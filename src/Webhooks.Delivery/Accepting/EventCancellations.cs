using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Accepting;

/// <summary>Calls a scheduled event back. It is gone for all its webhooks, or, when it is due, for none.</summary>
public sealed class EventCancellations(PostgresEventStore store, DatabaseClock clock)
{
    private const string Due = "WH003";
    private const string Waiting = "select delivery_id, version, attempts, failures from delivery.queue where message_id = $1 and deliver_at is not null";
    private const string AssertScheduled = "select delivery.assert_scheduled($1, $2)";
    private const string Dequeue = "delete from delivery.queue where delivery_id = any ($1)";

    /// <returns>Null: done, or it is so already.</returns>
    /// <exception cref="DatabaseUnavailableException">Nothing was changed.</exception>
    public async Task<Refusal?> Cancel(MessageId id, CompanyId company, ApiKeyId? actor, Guid correlation, CancellationToken ct)
    {
        while (true)
        {
            await using var session = await store.OpenSession(ct);
            var stream = await session.FetchForWriting<Message, MessageFact>(id.Value, Message.Unknown, Message.Evolve, ct);
            var decision = Message.Decide(stream.State, new CancelEvent(clock.Now));
            if (decision.Refusal is not null || decision.Facts.Count == 0)
            {
                return decision.Refusal;
            }

            session.Append(id.Value, stream.Version, decision.Facts, new FactMeta(company, actor, correlation));
            var waiting = await ReadWaiting(session, id, ct);
            foreach (var (delivery, version, state) in waiting)
            {
                var cancelled = DeliveryState.Decide(state, new CancelDelivery(CancelledReason.EventCancelled));
                session.Append(delivery, version, cancelled.Facts, new FactMeta(company, actor, id.Value));
            }

            var due = stream.State.Emitted!.DeliverAt!.Value;
            session.Enlist(batch =>
            {
                // Locks the rows and asks the clock: this, not the decision above, settles a race with those who load them.
                batch.BatchCommands.Add(new NpgsqlBatchCommand(AssertScheduled) { Parameters = { new() { Value = id.Value }, new() { Value = due.UtcDateTime } } });
                batch.BatchCommands.Add(new NpgsqlBatchCommand(Dequeue) { Parameters = { new() { Value = waiting.Select(w => w.Delivery).ToArray() } } });
            });
            try
            {
                if (await session.SaveChanges(ct) is SaveResult.Saved)
                {
                    return null;
                }
            }
            catch (PostgresException e) when (e.SqlState == Due)
            {
                return Message.Decide(stream.State, new CancelEvent(due)).Refusal;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DeadlockDetected)
            {
                // Someone else appended to the same deliveries in another order: read again and try again.
            }
        }
    }

    private static async Task<List<(Guid Delivery, int Version, DeliveryState State)>> ReadWaiting(EventSession session, MessageId id, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Waiting);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        return await session.Query(command, async reader =>
        {
            var waiting = new List<(Guid, int, DeliveryState)>();
            while (await reader.ReadAsync(ct))
            {
                waiting.Add((reader.GetGuid(0), reader.GetInt32(1), new DeliveryState(DeliveryStatus.Pending, reader.GetInt32(2), reader.GetInt32(3), null)));
            }

            return waiting;
        }, ct);
    }
}
