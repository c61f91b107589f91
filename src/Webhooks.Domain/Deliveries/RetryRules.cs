namespace Webhooks.Domain.Deliveries;

/// <summary>What follows a failed attempt, and whether a further one may start. What is parked waits outside of all this.</summary>
internal static class RetryRules
{
    /// <summary>Attempts that spend nothing have no number to end by, so they end by time: counted from the first attempt of the series.</summary>
    public static readonly TimeSpan UnspentFor = TimeSpan.FromDays(7);

    /// <summary>They also wait 1, 2, 4, … seconds at least, up to this: a policy's delays are made for few attempts.</summary>
    private static readonly TimeSpan MaxUnspentWait = TimeSpan.FromMinutes(5);

    /// <summary>With less left of the deadline no retry is planned: it could only fail.</summary>
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(RetryPolicy.MinTimeoutMs);

    public static Decision AfterFailure(Delivery state, RecordAttempt c)
    {
        var policy = c.Policy.Resolve();
        var reply = ReceiverReply.Of(c.Attempt);
        var failed = new AttemptFailed(c.Attempt, null) { SpentNoAttempt = ReceiverReply.SpendsNothing(c.Attempt) && !(policy.CountsTooManyRequests && c.Attempt.StatusCode == ReceiverReply.TooManyRequests) };
        if (reply.Aborts)
        {
            return Exhausted(failed, ExhaustedReason.Aborted);
        }

        if (c.Single)
        {
            return Exhausted(failed, ExhaustedReason.Attempts);
        }

        // It waits with all others until the webhook is enabled again, with the budget that it had.
        if (reply.Disables)
        {
            return Decision.Of(failed with { SpentNoAttempt = true }, new DeliveryDeferred(DeferredReason.WebhookDisabled));
        }

        if (!failed.SpentNoAttempt && Spent(state, c, policy) is { } reason)
        {
            return Exhausted(failed, reason);
        }

        return Retry(state, c, policy, failed, reply.RetryAfter ?? TimeSpan.Zero);
    }

    /// <summary>Why no attempt that takes <paramref name="atLeast"/> may start at this time.</summary>
    public static ExhaustedReason? Overdue(Series series, RetryPolicy policy, DateTimeOffset emittedAt, DateTimeOffset at, TimeSpan atLeast = default) =>
        policy.TotalDeadlineMs is { } total && series.StartedAt is { } started && at + atLeast >= started.AddMilliseconds(total) ? ExhaustedReason.Deadline
        : policy.MaxAgeMs is { } age && at > (series.ResentAt ?? emittedAt).AddMilliseconds(age) ? ExhaustedReason.MaxAge
        : null;

    private static Decision Retry(Delivery state, RecordAttempt c, RetryPolicy policy, AttemptFailed failed, TimeSpan retryAfter)
    {
        var delay = policy.DelayAfter(state.Failures + state.Series.Unspent + 1, c.Random);
        if (failed.SpentNoAttempt)
        {
            delay = Longer(delay, TimeSpan.FromSeconds(Math.Min(Math.Pow(2, state.Series.Unspent), MaxUnspentWait.TotalSeconds)));
        }

        var next = c.Now + Longer(delay, retryAfter);
        var series = state.Series with { StartedAt = state.Series.StartedAt ?? (c.Now - TimeSpan.FromMicroseconds(c.Attempt.DurationUs)) };
        var overdue = Overdue(series, policy, c.EmittedAt, next, LeastTimeout)
            ?? (failed.SpentNoAttempt && next > series.StartedAt + UnspentFor ? ExhaustedReason.MaxAge : null);
        return overdue is { } reason
            ? Exhausted(failed, reason)
            : failed with
            {
                NextAttemptAt = next,
                RetryAfterMs = retryAfter > delay ? (long)retryAfter.TotalMilliseconds : null,
                SeriesStartedAt = state.Series.StartedAt is null && (failed.SpentNoAttempt || policy.TotalDeadlineMs is not null) ? series.StartedAt : null,
            };
    }

    /// <summary>Why this failure was the last one allowed.</summary>
    private static ExhaustedReason? Spent(Delivery state, RecordAttempt c, RetryPolicy policy)
    {
        var kind = Series.KindOf(c.Attempt);
        if (policy.Attempts is not null && kind == FailureKind.Status && !ReceiverReply.IsWorthRetrying(c.Attempt.StatusCode ?? 0))
        {
            return ExhaustedReason.NotRetried;
        }

        var all = Math.Min(c.MaxAttempts, policy.MaxAttempts ?? int.MaxValue);
        return state.Failures + 1 >= all || state.Series.Of(kind, state.Failures) + 1 >= (policy.Attempts?.Of(kind) ?? int.MaxValue)
            ? ExhaustedReason.Attempts
            : null;
    }

    private static Decision Exhausted(AttemptFailed failed, ExhaustedReason reason) => Decision.Of(failed, new DeliveryExhausted { Reason = reason });

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
