using Webhooks.Domain;

namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// Holds the deliveries of this node that may go now, and decides whose turn it is: webhooks take turns, each with a cap
/// on its requests under way, so that a slow one delays only itself. Knows nothing of HTTP or SQL.
/// </summary>
public sealed class Pump(DeliveryOptions options, Func<DeliveryJob, PumpSlot, Task> attempt)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<WebhookId, Lane> _lanes = [];
    private readonly Queue<Lane> _turns = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reserved;
    private long _reservedBytes;
    private int _underWay;
    private bool _stopping;

    public int UnderWay => Volatile.Read(ref _underWay);
    public int InMemory => Volatile.Read(ref _reserved);

    /// <summary>How many more deliveries fit in memory.</summary>
    public int Room
    {
        get
        {
            lock (_lock)
            {
                return _stopping || _reservedBytes >= options.MaxInMemoryBytes ? 0 : Math.Max(0, options.MaxInMemory - _reserved);
            }
        }
    }

    /// <summary>Raised when memory that was full has room again.</summary>
    public Action? RoomAgain { get; set; }

    /// <summary>Takes room for deliveries that will be enqueued once they are committed, or says that there is none.</summary>
    public bool TryReserve(int count, int payloadBytes)
    {
        lock (_lock)
        {
            if (_stopping || _reserved + count > options.MaxInMemory || _reservedBytes >= options.MaxInMemoryBytes)
            {
                return false;
            }

            Reserve(count, payloadBytes);
            return true;
        }
    }

    /// <summary>Takes room for deliveries that were loaded because there was <see cref="Room"/>.</summary>
    public void Reserve(int count, int payloadBytes)
    {
        lock (_lock)
        {
            _reserved += count;
            _reservedBytes += (long)payloadBytes * count;
        }
    }

    /// <summary>Gives back what was reserved for deliveries that did not come.</summary>
    public void Unreserve(int count, int payloadBytes)
    {
        var again = false;
        lock (_lock)
        {
            again = IsFull();
            _reserved -= count;
            _reservedBytes -= (long)payloadBytes * count;
            again &= !IsFull();
        }

        if (again)
        {
            RoomAgain?.Invoke();
        }
    }

    /// <summary>Room for it must have been reserved.</summary>
    public void Enqueue(DeliveryJob job)
    {
        lock (_lock)
        {
            if (!_lanes.TryGetValue(job.Webhook, out var lane))
            {
                _lanes.Add(job.Webhook, lane = new Lane(job.Webhook));
            }

            lane.Waiting.Enqueue(job);
            if (!lane.HasTurn && lane.UnderWay < options.MaxInFlightPerWebhook)
            {
                lane.HasTurn = true;
                _turns.Enqueue(lane);
            }
        }

        StartNext();
    }

    /// <summary>Starts no more attempts; ends when those under way are over and recorded. What waits stays in the queue table.</summary>
    public Task Drain()
    {
        lock (_lock)
        {
            _stopping = true;
            if (_underWay == 0)
            {
                _idle.TrySetResult();
            }
        }

        return _idle.Task;
    }

    private void StartNext()
    {
        while (Next() is { } next)
        {
            _ = Task.Run(() => Attempt(next.Job, next.Slot));
        }
    }

    private (DeliveryJob Job, PumpSlot Slot)? Next()
    {
        lock (_lock)
        {
            if (_stopping || _underWay >= options.MaxInFlight || !_turns.TryDequeue(out var lane))
            {
                return null;
            }

            var job = lane.Waiting.Dequeue();
            _underWay++;
            lane.UnderWay++;
            lane.HasTurn = lane.Waiting.Count > 0 && lane.UnderWay < options.MaxInFlightPerWebhook;
            if (lane.HasTurn)
            {
                _turns.Enqueue(lane);
            }

            return (job, new PumpSlot(this, lane));
        }
    }

    private async Task Attempt(DeliveryJob job, PumpSlot slot)
    {
        try
        {
            await attempt(job, slot);
        }
        finally
        {
            slot.Release();
            Unreserve(1, job.Message.Payload.Length);
            lock (_lock)
            {
                if (--_underWay == 0 && _stopping)
                {
                    _idle.TrySetResult();
                }
            }

            StartNext();
        }
    }

    private bool IsFull() => _reserved >= options.MaxInMemory || _reservedBytes >= options.MaxInMemoryBytes;

    internal void Release(Lane lane)
    {
        lock (_lock)
        {
            lane.UnderWay--;
            if (!lane.HasTurn && lane.Waiting.Count > 0)
            {
                lane.HasTurn = true;
                _turns.Enqueue(lane);
            }
            else if (lane is { UnderWay: 0, Waiting.Count: 0 })
            {
                _lanes.Remove(lane.Webhook);
            }
        }

        StartNext();
    }
}
