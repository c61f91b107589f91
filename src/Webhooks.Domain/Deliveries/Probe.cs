namespace Webhooks.Domain.Deliveries;

/// <summary>The attempt that finds out whether a paused webhook is back: a parked delivery, sent alone.</summary>
public static class Probe
{
    /// <summary>
    /// Like any attempt when it succeeds, and when the receiver has the last word. Any other that fails goes back to where
    /// it waited: it is parked, not failed, however often it was the probe.
    /// </summary>
    public static Decision Decide(Delivery state, RecordAttempt c)
    {
        var decision = Delivery.Decide(state, c);
        var waits = state.Status is DeliveryStatus.Pending or DeliveryStatus.Parked;
        return waits && decision.Facts is [AttemptFailed, ..] && ReceiverReply.Of(c.Attempt) is { Aborts: false, Disables: false }
            ? Decision.Of(new AttemptFailed(c.Attempt, null) { SpentNoAttempt = true }, new DeliveryDeferred(DeferredReason.WebhookPaused))
            : decision;
    }
}
