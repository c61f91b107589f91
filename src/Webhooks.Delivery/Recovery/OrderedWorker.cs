using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Recovery;

/// <summary>Brings into memory what is due and ordered in this node's shards. Apart from the loader of the rest, so that neither waits for the other.</summary>
public sealed class OrderedWorker(
    OrderedQueue queue, OrderedLanes lanes, Pump pump, ShardLeases shards, OutcomeRecorder recorder, DueSignal signal, DatabaseClock clock,
    RoutingDirectory routing, DeliveryOptions options, TimeProvider time, ILogger<OrderedWorker> log)
{
    private const int MaxClaim = 1000;

    /// <summary>So many find room even where the rest fills the memory.</summary>
    private const int AlwaysRoom = 64;

    /// <summary>A due time is given before the commit that makes it visible.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    /// <summary>In case that a commit took longer than that, or the clocks disagreed.</summary>
    private static readonly TimeSpan AllInterval = TimeSpan.FromSeconds(30);

    private IReadOnlyList<long> _epochs = [];
    private DateTimeOffset? _since;
    private long _lookedAtAll;

    public async Task Run(CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                var seen = signal.Version;
                var (until, timeout) = await Step(ct);
                await signal.Wait(seen, until, timeout, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task<(DateTimeOffset Until, TimeSpan Timeout)> Step(CancellationToken ct)
    {
        try
        {
            while (await RunOnce(ct) > 0)
            {
            }

            return await NextLook(ct);
        }
        catch (PostgresException e) when (e.SqlState == QueueTable.ShardsMoved)
        {
            // This node stood still, and others have gone on with its shards.
            _since = null;
            shards.LookAgain();
            return (DateTimeOffset.MaxValue, options.Poll);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // Nothing may end this loop; the database may be away, and then every second tries again.
            _since = null;
            log.LogWarning(DatabaseFailures.Trace(e), "Ordered deliveries could not be loaded ({Reason}); trying again", e.Message);
            return await DueSignal.AfterFault(time, ct);
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

        try
        {
            return await Load(owned, limit, ct);
        }
        catch (Exception e) when (e is not PostgresException { SqlState: QueueTable.ShardsMoved } && !ct.IsCancellationRequested)
        {
            // What was claimed may not have come here, and would hold back its keys.
            shards.InDoubt();
            throw;
        }
    }

    private async Task<int> Load(short[] owned, int limit, CancellationToken ct)
    {
        // Before the claim: a job that is given too old an epoch is put back, one with too new an epoch would be sent twice.
        var epochs = shards.Epochs;
        var all = _since is null || !ReferenceEquals(epochs, _epochs) && !epochs.SequenceEqual(_epochs) || time.GetElapsedTime(_lookedAtAll) > AllInterval;
        var now = clock.Now;

        // A receiver that hangs fills its own share of the memory, and no more.
        var behind = pump.Behind();
        var claimed = await queue.ClaimDue(owned, epochs, limit, behind, all ? null : _since, lanes.TakeEnded(), ct);
        await TakeIn(claimed, epochs, ct);
        Looked(all, epochs, now, wereMore: claimed.Count >= limit || behind.Length > 0);
        return claimed.Count;
    }

    private async Task TakeIn(IReadOnlyList<(QueueEntry Entry, EmittedMessage? Message)> claimed, IReadOnlyList<long> epochs, CancellationToken ct)
    {
        var (apart, stuck, unreadable) = (new Apart(ct), new HashSet<(WebhookId, string)>(), new HashSet<CompanyId>());
        foreach (var (entry, message) in claimed)
        {
            var job = entry.Job(message ?? new EmittedMessage(entry.Message, default, "", default, [])) with { Epoch = epochs[entry.Shard] };

            // What follows one of its key that could not be taken waits behind it.
            var waits = stuck.Contains((job.Webhook, job.OrderingKey!)) || (message is not null && unreadable.Contains(message.Company));
            if (waits || !await apart.Try(() => (message is null ? CancelErased(job) : TakeIn(job)).WaitAsync(ct)))
            {
                if (apart.DatabaseIsAway)
                {
                    apart.ThrowFailures();
                }

                stuck.Add((job.Webhook, job.OrderingKey!));
                unreadable.Add(job.Message.Company);
                lanes.Strand(job);
            }
        }

        if (apart.Failure is { } failure)
        {
            log.LogError(failure, "Ordered deliveries of {Keys} keys could not be loaded; trying again", stuck.Count);
        }
    }

    private async Task CancelErased(DeliveryJob job)
    {
        await recorder.Record(job, s => DeliveryState.Decide(s, new CancelDelivery(CancelledReason.PayloadErased)));
        lanes.HasEnded((job.Webhook, job.OrderingKey!));
    }

    private async Task TakeIn(DeliveryJob job)
    {
        // So that the pump finds the webhook's limits.
        await routing.For(job.Message.Company);
        lanes.Enqueue(job);
    }

    // Where there was not room for all, what was left is found by looking at all.
    private void Looked(bool all, IReadOnlyList<long> epochs, DateTimeOffset at, bool wereMore)
    {
        (_since, _epochs) = (wereMore ? null : at - Overlap, epochs);
        if (all)
        {
            _lookedAtAll = time.GetTimestamp();
        }
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
