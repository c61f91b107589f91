using Webhooks.Domain;

namespace Webhooks.Delivery.Dispatch;

/// <content>What the pump holds in memory, and what waits outside because there is no room.</content>
public sealed partial class Pump
{
    public int InMemory
    {
        get
        {
            lock (_lock)
            {
                return _memory.Count;
            }
        }
    }

    /// <summary>How many more deliveries fit in memory.</summary>
    public int Room
    {
        get
        {
            lock (_lock)
            {
                return _stopping ? 0 : _memory.Room;
            }
        }
    }

    /// <summary>Raised when memory that was full has room again, or a webhook's share of it has.</summary>
    public Action? RoomAgain { get; set; }

    /// <summary>Takes room for a delivery that will be enqueued once it is committed, or says that there is none.</summary>
    public bool TryReserve(CompanyId company, WebhookId webhook, int payloadBytes)
    {
        lock (_lock)
        {
            return !_stopping && _memory.TryTake(_lanes.Of(company, webhook), payloadBytes);
        }
    }

    /// <summary>Takes room for a delivery that was claimed from the queue table because there was <see cref="Room"/>.</summary>
    public void Reserve(CompanyId company, WebhookId webhook, int payloadBytes)
    {
        lock (_lock)
        {
            _memory.Take(_lanes.Of(company, webhook, Lane.UnknownWithBacklog), payloadBytes);
        }
    }

    /// <summary>Gives back what was reserved for a delivery that did not come.</summary>
    public void Unreserve(CompanyId company, WebhookId webhook, int payloadBytes)
    {
        bool ask;
        lock (_lock)
        {
            ask = _memory.GiveBack(_lanes.Of(company, webhook), payloadBytes);
        }

        if (ask)
        {
            RoomAgain?.Invoke();
        }
    }

    /// <summary>What waits here and is not this node's any more leaves memory: others load it from its row.</summary>
    /// <param name="stays">Asked under the pump's lock.</param>
    public void LetGo(Func<DeliveryJob, bool> stays)
    {
        var ask = false;
        lock (_lock)
        {
            foreach (var lane in _lanes.All)
            {
                foreach (var job in lane.LetGo(stays))
                {
                    ask |= _memory.GiveBack(lane, job.Message.Payload.Length);
                }
            }
        }

        if (ask)
        {
            RoomAgain?.Invoke();
        }
    }

    /// <summary>Webhooks whose share of memory is full, or was: nobody else shall claim their rows than who was told by <see cref="BehindWithRoom"/>.</summary>
    public Guid[] Behind()
    {
        lock (_lock)
        {
            return _memory.Behind;
        }
    }

    /// <summary>Those of <see cref="Behind"/> that have room now, and for how many deliveries.</summary>
    public IReadOnlyList<(CompanyId Company, WebhookId Webhook, int Room)> BehindWithRoom()
    {
        lock (_lock)
        {
            return _stopping ? [] : [.. _memory.BehindWithRoom().Select(b => (b.Lane.Company.Id, b.Lane.Webhook, b.Room))];
        }
    }

    /// <summary>All rows of it that were due are claimed.</summary>
    public void CaughtUp(CompanyId company, WebhookId webhook)
    {
        lock (_lock)
        {
            _memory.CaughtUp(_lanes.Of(company, webhook));
        }
    }
}
