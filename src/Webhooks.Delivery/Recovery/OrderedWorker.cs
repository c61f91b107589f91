using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recording;
using Webhooks.Domain.Deliveries;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Recovery;

/// <summary>Brings into memory what is due and ordered in this node's shards. Apart from the loader of the rest, so that neither waits for the other.</summary>
public sealed class OrderedWorker(
    OrderedQueue queue, OrderedLanes lanes, Pump pump, ShardLeases shards, OutcomeRecorder recorder, DueSignal signal, DatabaseClock clock,
    DeliveryOptions options, TimeProvider time, ILogger<OrderedWorker> log)
{
    private const int MaxClaim = 1000;

    /// <summary>So many find room even where the rest fills the memory.</summary>
    private const int AlwaysRoom = 64;

    public async Task Run(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var seen = signal.Version;
            try
            {
                while (await RunOnce(ct) > 0)
                {
                }

                var (until, timeout) = await NextLook(ct);
                await signal.Wait(seen, until, timeout, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing may end this loop; the database may be away, and then every poll tries again.
                log.LogWarning(DatabaseFailures.Trace(e), "Ordered deliveries could not be loaded ({Reason}); trying again", e.Message);
                await Task.Delay(options.Poll, time, CancellationToken.None);
            }
        }
    }

    /// <summary>One bounded batch. Returns how many deliveries were taken into memory.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var owned = shards.Owned;
        var limit = Math.Min(MaxClaim, Math.Max(pump.Room, AlwaysRoom - lanes.Count));
        if (owned.Length == 0 || limit <= 0)
        {
            return 0;
        }

        // Before the claim: a job that is given too old an epoch is put back, one with too new an epoch would be sent twice.
        var epochs = shards.Epochs;
        var claimed = await queue.ClaimDue(owned, limit, ct);
        foreach (var (entry, message) in claimed)
        {
            if (message is null)
            {
                var nothing = new EmittedMessage(entry.Message, default, "", default, []);
                await recorder.Record(entry.Job(nothing), s => DeliveryState.Decide(s, new CancelDelivery(CancelledReason.PayloadErased)));
                continue;
            }

            lanes.Enqueue(entry.Job(message) with { Epoch = epochs[entry.Shard] });
        }

        return claimed.Count;
    }

    private async Task<(DateTimeOffset Until, TimeSpan Timeout)> NextLook(CancellationToken ct)
    {
        if (shards.Owned.Length == 0 || await queue.NextDueAt(shards.Owned, ct) is not { } next)
        {
            return (clock.Now + options.Poll, options.Poll);
        }

        var wait = next - clock.Now;
        return (next, wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : wait < options.Poll ? wait : options.Poll);
    }
}
