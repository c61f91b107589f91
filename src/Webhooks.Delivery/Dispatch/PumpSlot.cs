using Webhooks.Domain;

namespace Webhooks.Delivery.Dispatch;

/// <summary>A place among a webhook's requests under way. Given back when the request is over, before its outcome is recorded.</summary>
public sealed class PumpSlot
{
    private readonly Pump _pump;
    private Lane? _lane;

    internal PumpSlot(Pump pump, Lane lane) => (_pump, _lane) = (pump, lane);

    /// <summary>The second call does nothing.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _lane, null) is { } lane)
        {
            _pump.Release(lane);
        }
    }
}

/// <summary>One webhook's deliveries in memory. Guarded by the pump's lock.</summary>
internal sealed class Lane(WebhookId webhook)
{
    public WebhookId Webhook { get; } = webhook;
    public Queue<DeliveryJob> Waiting { get; } = new();
    public int UnderWay { get; set; }

    /// <summary>It stands in the queue of turns, once at most.</summary>
    public bool HasTurn { get; set; }
}
