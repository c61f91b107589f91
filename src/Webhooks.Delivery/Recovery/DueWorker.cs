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

/// <summary>Brings into memory what is due in this node's shards: retries, work of nodes that only accept, what did not fit before, and what a dead node left.</summary>
public sealed class DueWorker(
    QueueTable queue, Pump pump, ShardLeases shards, OutcomeRecorder recorder, DueSignal signal, DatabaseClock clock,
    RoutingDirectory routing, DeliveryOptions options, TimeProvider time, ILogger<DueWorker> log)
{
    private const int MaxClaim = 1000;
    // Whatever went wrong should not go wrong thousands of times a second.
    private static readonly TimeSpan StrandedDelay = TimeSpan.FromSeconds(1);

    private readonly DueCursor _cursor = new();
    private IReadOnlyList<long> _cursorEpochs = [];

    public async Task Run(CancellationToken ct)
    {
        pump.RoomAgain = signal.Now;
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
        finally
        {
            pump.RoomAgain = null;
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
            shards.LookAgain();
            return (DateTimeOffset.MaxValue, options.Poll);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            // Nothing may end this loop; the database may be away, and then every second tries again.
            _cursor.Restart();
            log.LogWarning(DatabaseFailures.Trace(e), "Due deliveries could not be loaded ({Reason}); trying again", e.Message);
            return await DueSignal.AfterFault(time, ct);
        }
    }

    /// <summary>One bounded batch, and one for each webhook that was behind and has room. Returns how many deliveries were taken into memory.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        await PutBackStranded(ct);
        var owned = shards.Owned;
        if (owned.Length == 0)
        {
            return 0;
        }

        // The claim is checked against them: what it brings into memory belongs to these epochs.
        var epochs = shards.Epochs;
        if (!_cursorEpochs.SequenceEqual(epochs))
        {
            _cursor.Restart();
            _cursorEpochs = epochs;
        }

        return await Load(owned, epochs, ct);
    }

    private async Task<int> Load(short[] owned, IReadOnlyList<long> epochs, CancellationToken ct)
    {
        try
        {
            return await CatchUp(owned, epochs, ct) + await ClaimDue(owned, epochs, ct);
        }
        catch (Exception e) when (e is not PostgresException { SqlState: QueueTable.ShardsMoved } && !ct.IsCancellationRequested)
        {
            // What was claimed may not have come here.
            shards.InDoubt();
            throw;
        }
    }

    private async Task<int> CatchUp(short[] owned, IReadOnlyList<long> epochs, CancellationToken ct)
    {
        var taken = 0;
        foreach (var (company, webhook, room) in pump.BehindWithRoom())
        {
            var limit = Math.Min(MaxClaim, room);
            var claimed = await queue.ClaimDueOf(webhook, owned, EpochsOf(owned, epochs), limit, ct);
            taken += await TakeIn(claimed, epochs, ct);
            if (claimed.Deliveries.Count < limit)
            {
                pump.CaughtUp(company, webhook);
                signal.RoomForOrdered();
            }
        }

        return taken;
    }

    private async Task<int> ClaimDue(short[] owned, IReadOnlyList<long> epochs, CancellationToken ct)
    {
        var limit = Math.Min(MaxClaim, pump.Room);
        if (limit == 0)
        {
            return 0;
        }

        var behind = pump.Behind();
        var now = clock.Now;
        var claimed = await queue.ClaimDue(owned, EpochsOf(owned, epochs), limit, _cursor.From(now, behind.Length > 0), behind, ct);
        if (claimed.Deliveries.Count == limit)
        {
            _cursor.Reached(claimed.Last);
        }
        else
        {
            _cursor.SawAll(now);
        }

        return await TakeIn(claimed, epochs, ct);
    }

    private static long[] EpochsOf(short[] shards, IReadOnlyList<long> epochs) => Array.ConvertAll(shards, s => epochs[s]);

    private async Task<int> TakeIn(Claimed claimed, IReadOnlyList<long> epochs, CancellationToken ct)
    {
        var (apart, unreadable) = (new Apart(ct), new HashSet<CompanyId>());
        foreach (var (entry, message) in claimed.Deliveries)
        {
            var job = entry.Job(message ?? new EmittedMessage(entry.Message, default, "", default, [])) with { Epoch = epochs[entry.Shard] };
            if (message is not null && unreadable.Contains(message.Company) || !await apart.Try(() => (message is null ? CancelErased(job) : TakeIn(job)).WaitAsync(ct)))
            {
                if (apart.DatabaseIsAway)
                {
                    apart.ThrowFailures();
                }

                unreadable.Add(job.Message.Company);
                signal.Stranded(job);
            }
        }

        if (apart.Failure is { } failure)
        {
            log.LogError(failure, "Due deliveries of {Companies} companies could not be loaded; trying again", unreadable.Count);
        }

        return claimed.Deliveries.Count;
    }

    private Task<DeliveryState?> CancelErased(DeliveryJob job) =>
        recorder.Record(job, s => DeliveryState.Decide(s, new CancelDelivery(CancelledReason.PayloadErased)));

    private async Task TakeIn(DeliveryJob job)
    {
        // So that the pump finds the webhook's limits.
        await routing.For(job.Message.Company);
        pump.Reserve(job.Message.Company, job.Webhook, job.Message.Payload.Length);
        pump.Enqueue(job);
    }

    private async Task<(DateTimeOffset Until, TimeSpan Timeout)> NextLook(CancellationToken ct)
    {
        if (shards.Owned.Length == 0 || pump.Room == 0 || await queue.NextDueAt(shards.Owned, ct) is not { } next)
        {
            return (clock.Now + options.Poll, options.Poll);
        }

        var wait = next - clock.Now;
        return (next, wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : wait < options.Poll ? wait : options.Poll);
    }

    private async Task PutBackStranded(CancellationToken ct)
    {
        var stranded = new List<DeliveryJob>();
        while (signal.TryTakeStranded(out var job))
        {
            stranded.Add(job);
        }

        if (stranded.Count > 0)
        {
            try
            {
                await queue.MakeDueAgain(stranded, StrandedDelay, ct);
            }
            catch
            {
                stranded.ForEach(signal.Stranded);
                throw;
            }
        }
    }
}
