using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Observing;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Recording;

/// <summary>
/// Appends what became of a delivery, fenced by the version of its stream. Where someone else has appended meanwhile, the
/// stream is read and the decision made anew: an attempt that is in the log already is dropped, any other is never lost.
/// </summary>
public sealed class OutcomeRecorder(AppendWriter writer, PostgresEventStore store, OutcomeMetrics metrics, ILogger<OutcomeRecorder> log)
{
    /// <param name="decide">Pure; may be asked again with a newer state.</param>
    /// <returns>The state after it, or null where the outcome was fenced off or the node is stopping.</returns>
    public async Task<DeliveryState?> Record(DeliveryJob job, Func<DeliveryState, Decision> decide, byte[]? responseBody = null)
    {
        var (state, version) = (job.State, job.Version);
        while (true)
        {
            var decision = decide(state);
            if (decision.Facts.Count == 0)
            {
                log.LogInformation("An outcome of {Delivery} was dropped: the log holds it already, or it no longer applies", job.Id);
                return null;
            }

            var after = decision.Facts.Aggregate(state, static (s, f) => DeliveryState.Evolve(s, (DeliveryFact)f));
            switch (await writer.Append(Member(job, version, decision.Facts, after, responseBody)))
            {
                case AppendOutcome.Committed:
                    metrics.Committed(job, state, decision.Facts, after);
                    return after;
                case AppendOutcome.VersionConflict:
                    var stream = await store.AggregateStream<DeliveryState, DeliveryFact>(job.Id.Value, DeliveryState.Planned, DeliveryState.Evolve, null, null, CancellationToken.None);
                    (state, version) = (stream.State, stream.Version);
                    break;
                default:
                    // The node is stopping. The row stays in the queue, and whoever takes the shard sends again.
                    return null;
            }
        }
    }

    private static PendingAppend Member(DeliveryJob job, int version, IReadOnlyList<Fact> facts, DeliveryState after, byte[]? responseBody)
    {
        var meta = new FactMeta(job.Message.Company, null, job.Message.Id.Value);
        var appended = new NewFact[facts.Count];
        for (var i = 0; i < appended.Length; i++)
        {
            appended[i] = new NewFact(job.Id.Value, version + i + 1, facts[i], meta);
        }

        var waits = after.Status == DeliveryStatus.Parked || after is { Status: DeliveryStatus.Pending, NextAttemptAt: not null };
        return new PendingAppend
        {
            IsAccept = false,
            Facts = appended,
            Dequeue = waits ? null : job.Id,
            Reschedule = waits ? QueueRowOf(job, version + facts.Count, after) : null,
            Block = after is { Status: DeliveryStatus.Exhausted, BlocksKey: true } && job.OrderingKey is { } key ? new BlockedKey(job.Webhook, key, job.Id) : null,
            Failure = after.Status == DeliveryStatus.Exhausted && !EventTypes.IsReserved(job.Message.Type)
                ? new FailureRow(job.Id, version + facts.Count, job.Webhook, job.Message.Company, job.Message.Id)
                : null,
            Response = responseBody is { Length: > 0 } ? new ResponseRow(job.Id, after.Attempts, responseBody) : null,
        };
    }

    private static QueueRow QueueRowOf(DeliveryJob job, int version, DeliveryState state) =>
        new(job.Id, job.Shard, job.Webhook, job.Message.Id, version, state.Attempts, state.Failures,
            state.Status == DeliveryStatus.Parked ? DateTimeOffset.MaxValue : state.NextAttemptAt)
        {
            Series = state.Series,
            Sequence = job.Sequence,
            OrderingKey = job.OrderingKey,
            DeliverAt = job.DeliverAt,
        };
}
