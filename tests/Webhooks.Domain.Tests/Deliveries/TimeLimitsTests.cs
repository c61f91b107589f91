using Webhooks.Domain.Deliveries;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

/// <summary>When the next attempt is, and when none may start any more.</summary>
public class TimeLimitsTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly FixedRetry Within15Seconds = new(1_000) { TotalDeadlineMs = 15_000, TimeoutMs = 6_000 };
    private static readonly FixedRetry ForAnHour = new(60_000) { MaxAgeMs = 3_600_000 };

    [Fact]
    public void A_slow_receiver_gets_attempts_until_the_total_deadline_and_the_last_is_cut_to_what_is_left()
    {
        var (state, now, timeouts) = (Delivery.Planned, Now, new List<double>());
        while (state.Status == DeliveryStatus.Pending)
        {
            var timeout = Assert.NotNull(state.TimeoutAt(Timeout, Within15Seconds, Now, now));
            timeouts.Add(timeout.TotalSeconds);
            now += timeout;
            var failed = Attempt(state.Attempts + 1, FailureClass.Timeout) with { DurationUs = (long)timeout.TotalMicroseconds };
            state = Delivery.Decide(state, Record(failed, Within15Seconds, 5) with { Now = now, EmittedAt = Now }).Facts.Cast<DeliveryFact>().Aggregate(state, Delivery.Evolve);
            now = state.NextAttemptAt ?? now;
        }

        Assert.Equal([6, 6, 1], timeouts);
        Assert.Equal(DeliveryStatus.Exhausted, state.Status);
    }

    [Theory]
    [InlineData(13_899, true)]
    [InlineData(13_900, false)]
    public void A_retry_that_the_deadline_would_leave_no_time_is_not_planned(int passedMs, bool planned)
    {
        var failed = GivenDelivery().When(Record(Took(1, passedMs), Within15Seconds));
        if (planned)
        {
            failed.Then(Failed(Took(1, passedMs), Now.AddSeconds(1)) with { SeriesStartedAt = Now.AddMilliseconds(-passedMs) });
        }
        else
        {
            failed.Then(Failed(Took(1, passedMs), null), new DeliveryExhausted { Reason = ExhaustedReason.Deadline });
        }
    }

    [Fact]
    public void The_start_of_a_series_is_stated_once_and_only_where_a_rule_asks_for_it()
    {
        var first = GivenDelivery().After(Record(Took(1, 100), Within15Seconds));
        Assert.Equal(Now.AddMilliseconds(-100), first.State.Series.StartedAt);
        var second = first.When(Record(Took(2, 100), Within15Seconds) with { Now = Now.AddSeconds(2) });
        Assert.Null(Assert.IsType<AttemptFailed>(second.Decision.Facts[0]).SeriesStartedAt);
        Assert.Equal(first.State.Series.StartedAt, second.Accepted().State.Series.StartedAt);
        Assert.Null(GivenDelivery().After(Record(Took(1, 100))).State.Series.StartedAt);
    }

    [Fact]
    public void A_deadline_added_meanwhile_counts_from_the_next_attempt()
    {
        var failed = GivenDelivery().After(Record(Took(1, 100)));
        Assert.Equal(TimeSpan.FromSeconds(6), failed.State.TimeoutAt(Timeout, Within15Seconds, Now, Now.AddDays(1)));
        Assert.Equal(Now.AddMilliseconds(-50), failed.After(Record(Took(2, 50), Within15Seconds)).State.Series.StartedAt);
    }

    [Fact]
    public void No_attempt_starts_after_the_deadline()
    {
        var waiting = GivenDelivery().After(Record(Took(1, 1_000), Within15Seconds));
        Assert.Equal(TimeSpan.FromMilliseconds(1), waiting.State.TimeoutAt(Timeout, Within15Seconds, Now, Now.AddMilliseconds(13_999)));
        waiting.When(GiveUp(Within15Seconds, Now.AddMilliseconds(13_999))).ThenNothing();

        Assert.Null(waiting.State.TimeoutAt(Timeout, Within15Seconds, Now, Now.AddSeconds(14)));
        waiting.When(GiveUp(Within15Seconds, Now.AddSeconds(14))).Then(new DeliveryExhausted { Reason = ExhaustedReason.Deadline });
    }

    [Fact]
    public void Parking_stops_the_clock_and_keeps_the_budget()
    {
        var parked = GivenDelivery().After(Record(Took(1, 1_000), Within15Seconds), new DeferDelivery(DeferredReason.WebhookDisabled));
        Assert.Equal((1, null), (parked.State.Failures, parked.State.Series.StartedAt));
        Assert.Equal(TimeSpan.FromSeconds(6), parked.State.TimeoutAt(Timeout, Within15Seconds, Now, Now.AddDays(3)));
    }

    [Theory]
    [InlineData(null, 30_000)]
    [InlineData(6_000, 6_000)]
    [InlineData(40_000, 30_000)]
    public void The_shorter_of_the_webhooks_and_the_policys_timeout_holds(int? policy, int expected) =>
        Assert.Equal(TimeSpan.FromMilliseconds(expected), Delivery.Planned.TimeoutAt(Timeout, EveryMinute with { TimeoutMs = policy }, Now, Now));

    [Fact]
    public void The_getstream_preset_ends_within_15_seconds_of_6_each()
    {
        var preset = new PresetRetry(RetryPreset.GetStream);
        Assert.Equal(TimeSpan.FromSeconds(6), Delivery.Planned.TimeoutAt(Timeout, preset, Now, Now));
        var twice = GivenDelivery().After(Record(TimedOut(1, 6_000), preset), Record(TimedOut(2, 6_000), preset) with { Now = Now.AddMilliseconds(6_500) });
        Assert.Equal(TimeSpan.FromMilliseconds(1_500), twice.State.TimeoutAt(Timeout, preset, Now, twice.State.NextAttemptAt!.Value));
    }

    [Fact]
    public void An_event_is_not_tried_beyond_its_age()
    {
        GivenDelivery().When(Record(Took(1, 10), ForAnHour) with { EmittedAt = Now.AddMinutes(-59) }).Then(Failed(Took(1, 10), Now.AddMinutes(1)));
        GivenDelivery().When(Record(Took(1, 10), ForAnHour) with { EmittedAt = Now.AddMinutes(-59).AddTicks(-1) })
            .Then(Failed(Took(1, 10), null), new DeliveryExhausted { Reason = ExhaustedReason.MaxAge });
        Assert.Null(Delivery.Planned.TimeoutAt(Timeout, ForAnHour, Now, Now.AddHours(1).AddTicks(1)));
        Assert.Equal(Timeout, Delivery.Planned.TimeoutAt(Timeout, ForAnHour, Now, Now.AddHours(1)));
        GivenDelivery().When(GiveUp(ForAnHour, Now.AddHours(2))).Then(new DeliveryExhausted { Reason = ExhaustedReason.MaxAge });
        GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookDisabled)).When(GiveUp(ForAnHour, Now.AddHours(2))).Then(new DeliveryExhausted { Reason = ExhaustedReason.MaxAge });
    }

    [Fact]
    public void A_resend_of_something_old_is_as_new_as_its_request()
    {
        var later = Now.AddDays(5);
        var resent = GivenDelivery().After(GiveUp(ForAnHour, later), Resend(at: later));
        Assert.Equal(Timeout, resent.State.TimeoutAt(Timeout, ForAnHour, Now, later.AddHours(1)));
        resent.When(Record(Took(1, 10), ForAnHour) with { EmittedAt = Now, Now = later }).Then(Failed(Took(1, 10), later.AddMinutes(1)));
        Assert.Null(resent.State.TimeoutAt(Timeout, ForAnHour, Now, later.AddHours(2)));
    }

    [Fact]
    public void Only_what_waits_is_given_up()
    {
        var late = GiveUp(ForAnHour, Now.AddHours(2));
        GivenDelivery(Succeeded(1)).When(late).ThenNothing();
        GivenDelivery(new DeliveryCancelled(CancelledReason.WebhookDeleted)).When(late).ThenNothing();
        GivenDelivery().When(GiveUp(EveryMinute, Now.AddYears(1))).ThenNothing();
    }

    [Fact]
    public void Attempts_that_spend_nothing_wait_longer_each_time_and_end_after_seven_days()
    {
        var (state, now, waits) = (Delivery.Planned, Now, new List<double>());
        while (state.Status == DeliveryStatus.Pending)
        {
            var facts = Delivery.Decide(state, Record(Answered(state.Attempts + 1, 429) with { DurationUs = 0 }, new FixedRetry(1)) with { Now = now, EmittedAt = Now.AddDays(-30) }).Facts;
            state = facts.Cast<DeliveryFact>().Aggregate(state, Delivery.Evolve);
            waits.Add(((state.NextAttemptAt ?? now) - now).TotalSeconds);
            now = state.NextAttemptAt ?? now;
            Assert.True(facts.Count == 1 || facts[1] is DeliveryExhausted { Reason: ExhaustedReason.MaxAge });
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], waits.Take(11));
        Assert.InRange(now - Now, TimeSpan.FromDays(7) - TimeSpan.FromMinutes(5), TimeSpan.FromDays(7));
        Assert.Equal((0, 2024), (state.Failures, state.Attempts));
    }

    private static Attempt Took(int number, int ms) => Attempt(number, FailureClass.Reset) with { DurationUs = ms * 1_000 };

    private static Attempt TimedOut(int number, int ms) => Took(number, ms) with { Failure = FailureClass.Timeout };

    private static AttemptFailed Failed(Attempt attempt, DateTimeOffset? next) => new(attempt, next);

    private static GiveUpDelivery GiveUp(RetryPolicy policy, DateTimeOffset at) => new(policy, Now, at);
}
