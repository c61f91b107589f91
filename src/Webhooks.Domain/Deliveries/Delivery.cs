using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Deliveries;

public abstract record DeliveryCommand;

/// <param name="MaxAttempts">Attempts that one series may have.</param>
/// <param name="Now">The database's clock: schedules are made by it.</param>
/// <param name="Random">Uniform in [0, 1), for jitter.</param>
public sealed record RecordAttempt(Attempt Attempt, int MaxAttempts, RetryPolicy Policy, DateTimeOffset Now, double Random) : DeliveryCommand
{
    /// <summary>Used up, it holds back later deliveries of its ordering key.</summary>
    public bool BlocksKeyWhenExhausted { get; init; }
}

public sealed record DeferDelivery(DeferredReason Reason) : DeliveryCommand;
public sealed record CancelDelivery(CancelledReason Reason) : DeliveryCommand;

/// <summary>Gives it up for good.</summary>
public sealed record SkipDelivery : DeliveryCommand;
public sealed record RetryDelivery(WebhookStatus Webhook, DateTimeOffset Now) : DeliveryCommand
{
    /// <summary>Of its event.</summary>
    public DateTimeOffset? DeliverAt { get; init; }
}

/// <summary>One message on its way to one webhook. Stream: the delivery's id, starting with what happens first; the plan stands in the message.</summary>
/// <param name="Attempts">Over all series.</param>
/// <param name="Failures">Failed attempts of the running series: what the budget counts.</param>
/// <param name="NextAttemptAt">Null before the first attempt and when none is due by itself.</param>
public sealed record Delivery(DeliveryStatus Status, int Attempts, int Failures, DateTimeOffset? NextAttemptAt)
{
    public static readonly Delivery Planned = new(DeliveryStatus.Pending, 0, 0, null);

    /// <summary>Exhausted, and later deliveries of its ordering key wait for it.</summary>
    public bool BlocksKey { get; init; }

    /// <summary>Not tried yet, and not to be tried before its event is due.</summary>
    public static Delivery PlannedFor(DateTimeOffset? deliverAt) => deliverAt is null ? Planned : Planned with { NextAttemptAt = deliverAt };

    public static Decision Decide(Delivery state, DeliveryCommand command) => command switch
    {
        RecordAttempt c => DecideAttempt(state, c),
        DeferDelivery c => state.Status == DeliveryStatus.Pending ? new DeliveryDeferred(c.Reason) : Decision.AlreadySo,
        CancelDelivery c => state.Status is DeliveryStatus.Pending or DeliveryStatus.Parked ? new DeliveryCancelled(c.Reason) : Decision.AlreadySo,
        SkipDelivery => DecideSkip(state),
        RetryDelivery c => DecideRetry(state, c),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "No rule for this command."),
    };

    private static Decision DecideAttempt(Delivery state, RecordAttempt c)
    {
        // The fence: an attempt of this number is in the log already, so this one was made by a node that had lost the delivery.
        if (c.Attempt.Number <= state.Attempts)
        {
            return Decision.AlreadySo;
        }

        if (c.Attempt.Failure is null)
        {
            return new AttemptSucceeded(c.Attempt);
        }

        // The delivery was over before this attempt was: recorded, not continued.
        if (state.Status is DeliveryStatus.Cancelled or DeliveryStatus.Succeeded or DeliveryStatus.Exhausted)
        {
            return new AttemptFailed(c.Attempt, null);
        }

        var failures = state.Failures + 1;
        return failures >= c.MaxAttempts
            ? Decision.Of(new AttemptFailed(c.Attempt, null), new DeliveryExhausted { BlocksKey = c.BlocksKeyWhenExhausted })
            : new AttemptFailed(c.Attempt, c.Now + c.Policy.DelayAfter(failures, c.Random));
    }

    private static Decision DecideSkip(Delivery state) => state.Status switch
    {
        DeliveryStatus.Succeeded => Refusal.Conflict("delivery.succeeded", "It has arrived, so there is nothing to skip."),
        DeliveryStatus.Cancelled => Decision.AlreadySo,
        _ => new DeliveryCancelled(CancelledReason.Skipped),
    };

    private static Decision DecideRetry(Delivery state, RetryDelivery c) => (state.Status, c.Webhook) switch
    {
        (_, WebhookStatus.Deleted or WebhookStatus.Unknown) => Refusal.Conflict("delivery.webhook_deleted", "Its webhook is deleted, so it can't be sent again."),
        (_, WebhookStatus.Disabled) => Refusal.Conflict("delivery.webhook_disabled", "Its webhook is disabled; enable it, and parked deliveries go out by themselves."),

        // Cancelled means that the webhook or the payload is gone, or that it was called back: it stays so.
        (DeliveryStatus.Cancelled, _) => Refusal.Conflict("delivery.cancelled", "It was cancelled, because its webhook was deleted, its payload erased, its event cancelled or itself skipped, so it can't be sent again."),
        _ when c.DeliverAt > c.Now => Refusal.Conflict("delivery.scheduled", "Its event is not due yet; it goes out at deliver_at."),

        // Never tried yet, or asked for a moment ago: it is on its way.
        (DeliveryStatus.Pending, _) when state.NextAttemptAt is not { } next || next <= c.Now => Decision.AlreadySo,
        _ => new ResendRequested(c.Now),
    };

    public static Delivery Evolve(Delivery state, DeliveryFact fact) => fact switch
    {
        AttemptSucceeded f => new(DeliveryStatus.Succeeded, f.Attempt.Number, 0, null),

        // One that a next attempt follows is pending, also where it was parked while the attempt was under way.
        AttemptFailed f => state with
        {
            Status = f.NextAttemptAt is null ? state.Status : DeliveryStatus.Pending,
            Attempts = f.Attempt.Number,
            Failures = state.Failures + 1,
            NextAttemptAt = f.NextAttemptAt,
        },
        DeliveryExhausted f => state with { Status = DeliveryStatus.Exhausted, NextAttemptAt = null, BlocksKey = f.BlocksKey },
        DeliveryDeferred => state with { Status = DeliveryStatus.Parked, NextAttemptAt = null },
        DeliveryCancelled => state with { Status = DeliveryStatus.Cancelled, NextAttemptAt = null, BlocksKey = false },

        // A resend of something over starts a new series; one that only hurries a waiting retry keeps its budget.
        ResendRequested f => state with
        {
            Status = DeliveryStatus.Pending,
            Failures = state.Status is DeliveryStatus.Pending or DeliveryStatus.Parked ? state.Failures : 0,
            NextAttemptAt = f.DueAt,
            BlocksKey = false,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "No rule for this fact."),
    };
}
