using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Recovery;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// Ordered deliveries in memory: of each key one goes to the pump, and the next only when what became of it stands in the
/// log. Where it did not come to its end, what waits behind it goes back to the queue table, which knows when it may go.
/// </summary>
public sealed class OrderedLanes(Pump pump, DeliveryAttempts attempts, QueueTable queue, DueSignal due, DueSignal ordered, ILogger<OrderedLanes> log)
{
    /// <summary>After a fault of our own, so that it is not met again at once.</summary>
    private static readonly TimeSpan FaultDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(WebhookId, string), Queue<DeliveryJob>> _behind = [];
    private HashSet<(WebhookId, string)> _ended = [];
    private int _count;

    /// <summary>Deliveries held here and in the pump.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a delivery that follows all of its key that were taken before.</summary>
    public void Enqueue(DeliveryJob job)
    {
        pump.Reserve(job.Message.Company, job.Webhook, job.Message.Payload.Length);
        lock (_lock)
        {
            _count++;
            if (_behind.TryGetValue(KeyOf(job), out var behind))
            {
                behind.Enqueue(job);
                return;
            }

            _behind.Add(KeyOf(job), new());
        }

        pump.Enqueue(job);
    }

    /// <summary>It was claimed, and could not be taken: its row is made due again.</summary>
    public void Strand(DeliveryJob job) => due.Stranded(job);

    /// <summary>Keys whose lanes have ended since the last call: what came for them meanwhile can be taken now.</summary>
    public IReadOnlyCollection<(WebhookId Webhook, string Key)> TakeEnded()
    {
        lock (_lock)
        {
            var ended = _ended;
            _ended = [];
            return ended;
        }
    }

    /// <summary>This key is to be looked at again.</summary>
    public void HasEnded((WebhookId Webhook, string Key) key)
    {
        lock (_lock)
        {
            _ended.Add(key);
        }
    }

    public async Task Attempt(DeliveryJob job, PumpSlot slot)
    {
        var after = await attempts.Attempt(job, slot);
        if (after is { Status: DeliveryStatus.Succeeded or DeliveryStatus.Cancelled } or { Status: DeliveryStatus.Exhausted, BlocksKey: false })
        {
            GoOn(job);
        }
        else
        {
            await PutBack(job, TakeBehind(job), after);
        }
    }

    private void GoOn(DeliveryJob job)
    {
        DeliveryJob? next;
        lock (_lock)
        {
            _count--;
            if (!_behind[KeyOf(job)].TryDequeue(out next))
            {
                _behind.Remove(KeyOf(job));
                _ended.Add(KeyOf(job));
            }
        }

        if (next is not null)
        {
            pump.Enqueue(next);
        }
        else
        {
            // More of the key may have come meanwhile, and could not be loaded as long as this one was here.
            ordered.Now();
        }
    }

    private List<DeliveryJob> TakeBehind(DeliveryJob job)
    {
        lock (_lock)
        {
            _behind.Remove(KeyOf(job), out var behind);
            _count -= 1 + behind!.Count;
            return [.. behind];
        }
    }

    private async Task PutBack(DeliveryJob job, List<DeliveryJob> behind, DeliveryState? after)
    {
        // Where nothing was recorded of the first one, it is to go again, too.
        List<DeliveryJob> back = after is null ? [job, .. behind] : behind;
        try
        {
            if (back.Count > 0)
            {
                await queue.MakeDueAgain(back, after is null ? FaultDelay : TimeSpan.Zero, CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            // They are made due again when the database can be asked.
            log.LogWarning("{Count} deliveries could not be put back ({Reason}); trying again", back.Count, e.Message);
            back.ForEach(j => due.Stranded(j));
        }

        behind.ForEach(j => pump.Unreserve(j.Message.Company, j.Webhook, j.Message.Payload.Length));
        if (after?.NextAttemptAt is { } next)
        {
            ordered.At(next);
        }
        else
        {
            ordered.Now();
        }
    }

    private static (WebhookId, string) KeyOf(DeliveryJob job) => (job.Webhook, job.OrderingKey ?? throw new ArgumentException("Only ordered deliveries have a lane.", nameof(job)));
}
