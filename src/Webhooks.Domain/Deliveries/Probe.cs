namespace Webhooks.Domain.Deliveries;

/// <summary>The attempt that finds out whether a paused webhook is back: a parked delivery, sent alone.</summary>
public static class Probe
{
    /// <summary>Like any attempt when it succeeds. One that fails goes back to where it waited: it is parked, not failed, however often it was the probe.</summary>
    public static Decision Decide(Delivery state, RecordAttempt c) =>
        Delivery.Decide(state, c with { MaxAttempts = int.MaxValue }) is { Facts: [AttemptFailed { NextAttemptAt: not null } failed] }
            ? Decision.Of(failed with { NextAttemptAt = null }, new DeliveryDeferred(DeferredReason.WebhookPaused))
            : Delivery.Decide(state, c);
}
