using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Deliveries;

public abstract record DeliveryCommand
{
    /// <summary>Where it ends the delivery as exhausted, later deliveries of its ordering key are held back.</summary>
    public bool BlocksKeyWhenExhausted { get; init; }
}

/// <param name="MaxAttempts">Attempts that one series may have; the policy may allow less.</param>
/// <param name="Now">The database's clock: schedules are made by it.</param>
/// <param name="Random">Uniform in [0, 1), for jitter.</param>
public sealed record RecordAttempt(Attempt Attempt, int MaxAttempts, RetryPolicy Policy, DateTimeOffset Now, double Random) : DeliveryCommand
{
    /// <summary>When the event was due: what a policy's largest age counts from.</summary>
    public DateTimeOffset EmittedAt { get; init; } = Now;

    /// <summary>A test: no retry, whatever became of it.</summary>
    public bool Single { get; init; }
}

/// <summary>Ends a delivery whose time has passed before its next attempt could start.</summary>
public sealed record GiveUpDelivery(RetryPolicy Policy, DateTimeOffset EmittedAt, DateTimeOffset Now) : DeliveryCommand;
public sealed record DeferDelivery(DeferredReason Reason) : DeliveryCommand;

/// <summary>Ends a delivery that is parked for too long, or with too many others.</summary>
public sealed record EndParking(ExhaustedReason Reason) : DeliveryCommand;
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
/// <param name="Failures">Failed attempts of the running series that the budget counts.</param>
/// <param name="NextAttemptAt">Null before the first attempt and when none is due by itself.</param>
public sealed record Delivery(DeliveryStatus Status, int Attempts, int Failures, DateTimeOffset? NextAttemptAt)
{
    public static readonly Delivery Planned = new(DeliveryStatus.Pending, 0, 0, null);

    public Series Series { get; init; }

    /// <summary>How long an attempt that starts now may take; null when none may start, so that <see cref="GiveUpDelivery"/> is due.</summary>
    /// <param name="timeout">The webhook's own deadline for one attempt.</param>
    /// <param name="now">The database's clock.</param>
    public TimeSpan? TimeoutAt(TimeSpan timeout, RetryPolicy policy, DateTimeOffset emittedAt, DateTimeOffset now)
    {
        policy = policy.Resolve();
        if (RetryRules.Overdue(Series, policy, emittedAt, now) is not null)
        {
            return null;
        }

        var ofPolicy = policy.TimeoutMs is { } ms ? Shorter(timeout, TimeSpan.FromMilliseconds(ms)) : timeout;
        return policy.TotalDeadlineMs is { } total ? Shorter(ofPolicy, (Series.StartedAt ?? now).AddMilliseconds(total) - now) : ofPolicy;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Exhausted, and later deliveries of its ordering key wait for it.</summary>
    public bool BlocksKey { get; init; }

    /// <summary>Not tried yet, and not to be tried before its event is due.</summary>
    public static Delivery PlannedFor(DateTimeOffset? deliverAt) => deliverAt is null ? Planned : Planned with { NextAttemptAt = deliverAt };

    public static Decision Decide(Delivery state, DeliveryCommand command)
    {
        var decision = DecideAny(state, command);
        return command.BlocksKeyWhenExhausted && decision.Facts.Any(f => f is DeliveryExhausted)
            ? Decision.Of([.. decision.Facts.Select(f => f is DeliveryExhausted exhausted ? exhausted with { BlocksKey = true } : f)])
            : decision;
    }

    private static Decision DecideAny(Delivery state, DeliveryCommand command) => command switch
    {
        RecordAttempt c => DecideAttempt(state, c),
        GiveUpDelivery c => state.Status is DeliveryStatus.Pending or DeliveryStatus.Parked && RetryRules.Overdue(state.Series, c.Policy.Resolve(), c.EmittedAt, c.Now) is { } reason
            ? new DeliveryExhausted { Reason = reason }
            : Decision.AlreadySo,
        DeferDelivery c => state.Status == DeliveryStatus.Pending ? new DeliveryDeferred(c.Reason) : Decision.AlreadySo,
        EndParking c => state.Status == DeliveryStatus.Parked ? new DeliveryExhausted { Reason = c.Reason } : Decision.AlreadySo,
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

        return RetryRules.AfterFailure(state, c);
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
            Failures = f.SpentNoAttempt ? state.Failures : state.Failures + 1,
            Series = state.Series.After(f),
            NextAttemptAt = f.NextAttemptAt,
        },
        DeliveryExhausted f => state with { Status = DeliveryStatus.Exhausted, NextAttemptAt = null, BlocksKey = f.BlocksKey },

        // What is parked is out of time: the deadline counts anew from the next attempt on.
        DeliveryDeferred => state with { Status = DeliveryStatus.Parked, NextAttemptAt = null, Series = state.Series with { StartedAt = null } },
        DeliveryCancelled => state with { Status = DeliveryStatus.Cancelled, NextAttemptAt = null, BlocksKey = false },

        // A resend of something over starts a new series; one that only hurries a waiting retry keeps its budget.
        ResendRequested f when state.Status is DeliveryStatus.Pending or DeliveryStatus.Parked => state with { Status = DeliveryStatus.Pending, NextAttemptAt = f.DueAt },
        ResendRequested f => state with { Status = DeliveryStatus.Pending, Failures = 0, Series = new Series { ResentAt = f.DueAt }, NextAttemptAt = f.DueAt, BlocksKey = false },
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "No rule for this fact."),
    };
}
