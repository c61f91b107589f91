using Webhooks.Domain;

namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// Who may keep how many deliveries in memory. As with slots: a company may hold as much as is free, a webhook half of what
/// its company may still have. What is beyond stays in the queue table, and is fetched when the webhook has worked off half
/// of its share. Guarded by the pump's lock.
/// </summary>
internal sealed class Memory(DeliveryOptions options)
{
    // Enough to keep a webhook going between two fetches, however crowded it is.
    private const int LeastOfLane = 16;

    private readonly Dictionary<WebhookId, Lane> _behind = [];
    private long _bytes;
    private double _typicalBytes = 1024;
    private bool _asked;

    public int Count { get; private set; }

    /// <summary>In deliveries of the size that came lately.</summary>
    public int Room => _bytes >= options.MaxInMemoryBytes ? 0 : Math.Max(0, (int)Math.Min(options.MaxInMemory - Count, 1 + ((options.MaxInMemoryBytes - _bytes) / _typicalBytes)));

    /// <summary>Whether the lane may keep one more. Where it may not, it is behind from now on.</summary>
    public bool TryTake(Lane lane, int bytes)
    {
        if (Room == 0 || lane.IsBehind)
        {
            return false;
        }

        if (!IsWithinShare(lane))
        {
            FallBehind(lane);
            return false;
        }

        Take(lane, bytes);
        return true;
    }

    /// <summary>For what is in memory already.</summary>
    public void Take(Lane lane, int bytes)
    {
        Add(lane, 1, bytes);
        _typicalBytes += (bytes + 1 - _typicalBytes) / 8;
        if (!IsWithinShare(lane))
        {
            FallBehind(lane);
        }
    }

    /// <returns>Whether what waits in the queue table should be asked for: there is room where there was none.</returns>
    public bool GiveBack(Lane lane, int bytes)
    {
        var wasFull = Room == 0;
        Add(lane, -1, -bytes);
        var ask = !_asked && lane.IsBehind && RoomOf(lane) > 0;
        _asked |= ask;
        return ask || (wasFull && Room > 0);
    }

    /// <summary>Webhooks whose waiting deliveries are fetched by webhook, and left alone by everyone else.</summary>
    public Guid[] Behind => [.. _behind.Keys.Select(w => w.Value)];

    /// <summary>Those that have room, and for how many.</summary>
    public List<(Lane Lane, int Room)> BehindWithRoom()
    {
        _asked = false;
        return [.. _behind.Values.Select(lane => (lane, Math.Min(Room, RoomOf(lane)))).Where(b => b.Item2 > 0)];
    }

    /// <summary>Nothing of it is left in the queue table.</summary>
    public void CaughtUp(Lane lane)
    {
        lane.IsBehind = false;
        _behind.Remove(lane.Webhook);
    }

    private void FallBehind(Lane lane)
    {
        lane.IsBehind = true;
        _behind[lane.Webhook] = lane;
    }

    private bool IsWithinShare(Lane lane) =>
        (lane.InMemory < LeastOfLane || lane.InMemory < ShareOf(lane))
        && (lane.InMemory == 0 || lane.BytesInMemory < (options.MaxInMemoryBytes - _bytes - lane.Company.BytesInMemory) / 2);

    // None before half of the share is free: each fetch is a round trip.
    private int RoomOf(Lane lane)
    {
        var share = Math.Max(LeastOfLane, ShareOf(lane));
        return IsWithinShare(lane) && lane.InMemory <= share / 2 ? share - lane.InMemory : 0;
    }

    private int ShareOf(Lane lane) => (options.MaxInMemory - Count - lane.Company.InMemory) / 2;

    private void Add(Lane lane, int count, int bytes)
    {
        Count += count;
        lane.InMemory += count;
        lane.Company.InMemory += count;
        _bytes += bytes;
        lane.BytesInMemory += bytes;
        lane.Company.BytesInMemory += bytes;
    }
}
