using Webhooks.Domain.Deliveries;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

/// <summary>How many attempts follow, by what went wrong.</summary>
public class AttemptLimitsTests
{
    private static readonly RetryPolicy ByKind = new FixedRetry(1_000) { Attempts = new AttemptLimits(Status: 3, Network: 2, Timeout: 4) };

    [Theory]
    [InlineData(408, 3)]
    [InlineData(425, 3)]
    [InlineData(500, 3)]
    [InlineData(502, 3)]
    [InlineData(503, 3)]
    [InlineData(599, 3)]
    [InlineData(101, 1)]
    [InlineData(300, 1)]
    [InlineData(301, 1)]
    [InlineData(304, 1)]
    [InlineData(400, 1)]
    [InlineData(401, 1)]
    [InlineData(404, 1)]
    [InlineData(422, 1)]
    public void A_status_is_retried_where_it_promises_another_answer(int status, int attempts)
    {
        var facts = Run(ByKind, n => Answered(n, status));
        Assert.Equal(attempts, facts.OfType<AttemptFailed>().Count());
        Assert.Equal(attempts == 1 ? ExhaustedReason.NotRetried : ExhaustedReason.Attempts, Assert.IsType<DeliveryExhausted>(facts[^1]).Reason);
    }

    [Theory]
    [InlineData(FailureClass.Connect, 2)]
    [InlineData(FailureClass.Dns, 2)]
    [InlineData(FailureClass.Tls, 2)]
    [InlineData(FailureClass.Reset, 2)]
    [InlineData(FailureClass.Protocol, 2)]
    [InlineData(FailureClass.ResponseTooLarge, 2)]
    [InlineData(FailureClass.Blocked, 2)]
    [InlineData(FailureClass.Timeout, 4)]
    public void Every_other_failure_has_the_attempts_of_its_kind(FailureClass failure, int attempts) =>
        Assert.Equal(attempts, Run(ByKind, n => Attempt(n, failure)).OfType<AttemptFailed>().Count());

    [Fact]
    public void The_getstream_preset_makes_three_two_and_three()
    {
        var preset = new PresetRetry(RetryPreset.GetStream);
        Assert.Equal([3, 2, 3], new[] { FailureClass.Status, FailureClass.Reset, FailureClass.Timeout }.Select(f => Run(preset, n => Attempt(n, f)).OfType<AttemptFailed>().Count()));
    }

    [Fact]
    public void Presets_of_senders_that_count_being_asked_to_slow_down_count_it()
    {
        foreach (var (preset, attempts) in new[] { (RetryPreset.GetStream, 3), (RetryPreset.AiozStream, 4) })
        {
            Assert.Equal(attempts, Run(new PresetRetry(preset), n => Answered(n, 429)).OfType<AttemptFailed>().Count(f => !f.SpentNoAttempt));
            Assert.Equal(attempts, Run(new PresetRetry(preset), n => Answered(n, n == 2 ? 429 : 503)).OfType<AttemptFailed>().Count());
        }
    }

    [Fact]
    public void Kinds_are_counted_apart()
    {
        var mixed = new[] { FailureClass.Status, FailureClass.Timeout, FailureClass.Reset, FailureClass.Timeout, FailureClass.Status, FailureClass.Timeout, FailureClass.Dns };
        var facts = Run(ByKind, n => Attempt(n, mixed[n - 1]));
        Assert.Equal(7, facts.OfType<AttemptFailed>().Count());
        Assert.Equal((7, 2, 3), Counted(facts));
    }

    [Fact]
    public void A_kind_without_a_limit_has_the_one_over_all() =>
        Assert.Equal(10, Run(new FixedRetry(1) { Attempts = new AttemptLimits(3, null, null) }, n => Attempt(n, FailureClass.Connect)).OfType<AttemptFailed>().Count());

    [Theory]
    [InlineData(2, 4, 2)]
    [InlineData(5, 4, 4)]
    public void The_lower_of_the_webhooks_and_the_policys_number_holds(int webhook, int policy, int attempts) =>
        Assert.Equal(attempts, Run(new FixedRetry(1) { MaxAttempts = policy }, n => Attempt(n, FailureClass.Status), webhook).OfType<AttemptFailed>().Count());

    [Fact]
    public void Without_limits_by_kind_every_failure_is_retried()
    {
        Assert.All(Enumerable.Range(300, 300).Except([410, 429]), status => Assert.Equal(3, Run(EveryMinute, n => Answered(n, status), 3).OfType<AttemptFailed>().Count()));
        Assert.All(Enum.GetValues<FailureClass>().Except([FailureClass.Internal, FailureClass.Proxy]), f => Assert.Equal(3, Run(EveryMinute, n => Attempt(n, f), 3).OfType<AttemptFailed>().Count()));
    }

    [Fact]
    public void Being_asked_to_slow_down_and_faults_of_our_own_spend_nothing_of_any_budget()
    {
        Func<int, Attempt>[] free = [n => Answered(n, 429), n => Attempt(n, FailureClass.Internal), n => Attempt(n, FailureClass.Proxy)];
        Assert.All(free, attempt =>
        {
            var facts = Run(ByKind, n => n <= 20 ? attempt(n) : Attempt(n, FailureClass.Status), 3);
            Assert.Equal(23, facts.OfType<AttemptFailed>().Count());
            Assert.Equal(20, facts.OfType<AttemptFailed>().Count(f => f.SpentNoAttempt));
            Assert.Equal((3, 0, 0), Counted(facts));
        });
    }

    [Fact]
    public void A_test_is_tried_once_whatever_became_of_it() =>
        Assert.All([Answered(1, 429), Answered(1, 410), Attempt(1, FailureClass.Internal), Attempt(1, FailureClass.Connect)], attempt =>
        {
            var facts = GivenDelivery().When(Record(attempt) with { Single = true }).Decision.Facts;
            Assert.Equal([typeof(AttemptFailed), typeof(DeliveryExhausted)], facts.Select(f => f.GetType()));
        });

    [Fact]
    public void A_resend_during_a_pending_retry_keeps_the_budget_of_each_kind()
    {
        var waiting = GivenDelivery().After(Record(Attempt(1, FailureClass.Reset), ByKind), Record(Answered(2, 429), ByKind));
        var hurried = waiting.After(Resend());
        Assert.Equal(waiting.State.Series, hurried.State.Series);
        hurried.When(Record(Attempt(3, FailureClass.Reset), ByKind)).Then(new AttemptFailed(Attempt(3, FailureClass.Reset), null), new DeliveryExhausted());
    }

    [Fact]
    public void A_resend_of_what_is_over_starts_each_kind_anew()
    {
        var resent = GivenDelivery().After(Record(Attempt(1, FailureClass.Reset), ByKind), Record(Attempt(2, FailureClass.Reset), ByKind), Resend());
        Assert.Equal(new Series { ResentAt = Now }, resent.State.Series);
        Assert.Equal(2, Run(ByKind, n => Attempt(n, FailureClass.Reset), given: resent).OfType<AttemptFailed>().Count());
    }

    /// <summary>Attempt after attempt, as long as one follows.</summary>
    private static List<DeliveryFact> Run(RetryPolicy policy, Func<int, Attempt> attempt, int maxAttempts = 10, Given<Delivery, DeliveryCommand, DeliveryFact>? given = null)
    {
        var (state, facts) = (given?.State ?? Delivery.Planned, new List<DeliveryFact>());
        while (state.Status == DeliveryStatus.Pending)
        {
            Assert.True(facts.Count < 1_000, "There is no end to the attempts.");
            var decided = Delivery.Decide(state, Record(attempt(state.Attempts + 1), policy, maxAttempts)).Facts.Cast<DeliveryFact>().ToList();
            facts.AddRange(decided);
            state = decided.Aggregate(state, Delivery.Evolve);
        }

        return facts;
    }

    private static (int All, int Network, int Timeout) Counted(List<DeliveryFact> facts)
    {
        var state = facts.Aggregate(Delivery.Planned, Delivery.Evolve);
        return (state.Failures, state.Series.Network, state.Series.Timeout);
    }
}
