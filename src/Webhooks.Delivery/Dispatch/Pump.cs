using Webhooks.Domain;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// Holds the deliveries of this node that may go now, and starts each when its turn has come: <see cref="Turns"/> says
/// whose, <see cref="Slots"/> how many, <see cref="Memory"/> what it holds at all. Knows nothing of HTTP or SQL.
/// </summary>
public sealed partial class Pump
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Func<DeliveryJob, PumpSlot, Task> _attempt;
    private readonly Slots _slots;
    private readonly Turns _turns;
    private readonly Memory _memory;
    private readonly Lanes _lanes;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private long _timerAt = long.MaxValue;
    private bool _stopping;

    public Pump(DeliveryOptions options, PumpPolicy policy, TimeProvider time, Func<DeliveryJob, PumpSlot, Task> attempt)
    {
        (_time, _attempt) = (time, attempt);
        _slots = new Slots(options, policy, time);
        _turns = new Turns(_slots, policy);
        _memory = new Memory(options);
        _lanes = new Lanes(policy, _slots);
    }

    public int UnderWay
    {
        get
        {
            lock (_lock)
            {
                return _slots.UnderWay;
            }
        }
    }

    /// <summary>Room for it must have been reserved.</summary>
    public void Enqueue(DeliveryJob job)
    {
        lock (_lock)
        {
            var lane = _lanes.Of(job.Message.Company, job.Webhook);
            lane.LineOf(job).Waiting.Enqueue(job);
            _turns.Offer(lane);
        }

        StartNext();
    }

    /// <summary>The limits of the company's webhooks may be others.</summary>
    public void ApplyLimits(CompanyId company, Func<WebhookId, DeliveryLimits?> limitsOf)
    {
        lock (_lock)
        {
            foreach (var lane in _lanes.OfCompany(company))
            {
                if (limitsOf(lane.Webhook) is var limits && limits != lane.Limits)
                {
                    lane.Limits = limits;
                    lane.PacedUntil = 0;
                    _turns.Offer(lane);
                }
            }
        }

        StartNext();
    }

    /// <summary>A webhook that took nothing takes deliveries again: it starts with one at a time, and is ramped up together with others.</summary>
    public void ComesBack(CompanyId company, WebhookId webhook)
    {
        lock (_lock)
        {
            _lanes.Of(company, webhook).ComesBack();
        }
    }

    /// <summary>Starts no more attempts; ends when those under way are over and recorded. What waits stays in the queue table.</summary>
    public Task Drain()
    {
        lock (_lock)
        {
            _stopping = true;
            _timer?.Dispose();
            if (_slots.UnderWay == 0)
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
            if (_stopping)
            {
                return null;
            }

            if (_turns.Next() is not { } line)
            {
                SetTimer();
                return null;
            }

            var slot = new PumpSlot(this, line, line.Lane.Window.Round, _slots.Take(line));
            var job = line.Waiting.Dequeue();
            _turns.Offer(line.Lane);
            return (job, slot);
        }
    }

    private async Task Attempt(DeliveryJob job, PumpSlot slot)
    {
        try
        {
            await _attempt(job, slot);
        }
        finally
        {
            slot.Release(LaneOutcome.None);
            Finish(slot, job.Message.Payload.Length);
        }
    }

    internal void Release(PumpSlot slot, LaneOutcome outcome)
    {
        lock (_lock)
        {
            _slots.RequestOver(slot.Line.Lane, outcome, slot.Round, slot.RampRound);
            _turns.Offer(slot.Line.Lane);
        }

        StartNext();
    }

    private void Finish(PumpSlot slot, int payloadBytes)
    {
        bool ask;
        lock (_lock)
        {
            _slots.GiveBack(slot.Line);
            ask = _memory.GiveBack(slot.Line.Lane, payloadBytes);
            if (_stopping && _slots.UnderWay == 0)
            {
                _idle.TrySetResult();
            }
        }

        if (ask)
        {
            RoomAgain?.Invoke();
        }

        StartNext();
    }

    // One timer for all lanes that wait for their rate limit.
    private void SetTimer()
    {
        var at = _turns.NextPaced;
        if (at < _timerAt)
        {
            // Timers know whole milliseconds, and must not fire too early.
            var wait = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(new TimeSpan(at - _slots.Now).TotalMilliseconds)));
            _timerAt = at;
            _timer ??= _time.CreateTimer(static pump => ((Pump)pump!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            _timerAt = long.MaxValue;
            _turns.Wake(_slots.Now);
        }

        StartNext();
    }
}
