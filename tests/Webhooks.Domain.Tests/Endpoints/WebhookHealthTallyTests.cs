using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Endpoints;

/// <summary>Which outcomes change a webhook's health, and when.</summary>
public class WebhookHealthTallyTests
{
    private static readonly WebhookHealthRules Rules = new()
    {
        DegradedAfterFailures = 3,
        DegradedFailureShare = 0.5,
        DegradedWindow = TimeSpan.FromMinutes(5),
        RecoveredAfterSuccesses = 3,
        PausedAfterFailures = 6,
        PausedAfter = TimeSpan.FromMinutes(1),
        ProbeInterval = TimeSpan.FromSeconds(30),
        MaxProbeInterval = TimeSpan.FromMinutes(15),
        DisabledAfter = TimeSpan.FromDays(5),
    };

    /// <summary>Counts outcomes, F and S, one after each pause, and notes every change.</summary>
    private sealed class Node(WebhookHealth health)
    {
        private int _number;
        public WebhookHealthTally Tally { get; private set; } = WebhookHealthTally.Of(health);
        public DateTimeOffset Now { get; private set; } = Sample.Now;
        public List<WebhookFact> Changes { get; } = [];
        public List<HealthOutcome> Outcomes { get; } = [];

        public Node Sees(string outcomes, TimeSpan? apart = null)
        {
            foreach (var c in outcomes)
            {
                Now += apart ?? TimeSpan.FromSeconds(1);
                Take(new HealthOutcome(Id<DeliveryId>(++_number), 1, Now, c == 'F'));
            }

            return this;
        }

        public Node Take(HealthOutcome outcome)
        {
            Outcomes.Add(outcome);
            (Tally, var change) = WebhookHealthTally.Decide(Tally, outcome, Rules);
            if (change is not null)
            {
                Changes.Add(change);
            }

            return this;
        }

        public Node Hears(WebhookHealth health)
        {
            Tally = Tally.Under(health);
            return this;
        }

        public void Has(params Type[] changes) => Assert.Equal(changes, Changes.Select(c => c.GetType()));
    }

    private static Node Healthy => new(WebhookHealth.Healthy);
    private static Node Degraded => new(new WebhookHealth(HealthState.Degraded, Now, Now, 3));
    private static Node Paused => new(new WebhookHealth(HealthState.Paused, Now, Now.AddMinutes(-2), 6));

    [Fact]
    public void Failures_in_a_row_degrade_it()
    {
        Healthy.Sees("FF").Has();
        var node = Healthy.Sees("FFF");
        Assert.Equal(new WebhookDegraded(Now.AddSeconds(3), Now.AddSeconds(1), 3, 3, 3), Assert.Single(node.Changes));
        Assert.Equal(HealthState.Degraded, node.Tally.Health.State);
    }

    [Fact]
    public void A_success_between_them_begins_the_count_anew() => Healthy.Sees("FFSFFSFF").Has();

    [Fact]
    public void A_share_of_failures_degrades_it_once_there_are_enough_attempts()
    {
        Healthy.Sees(string.Concat(Enumerable.Repeat("FS", 9))).Sees("F").Has();
        var node = Healthy.Sees(string.Concat(Enumerable.Repeat("SF", 10)));
        var degraded = Assert.IsType<WebhookDegraded>(Assert.Single(node.Changes));
        Assert.Equal((1, 10, 20), (degraded.ConsecutiveFailures, degraded.RecentFailures, degraded.RecentAttempts));
    }

    [Fact]
    public void A_smaller_share_does_not() => Healthy.Sees(string.Concat(Enumerable.Repeat("SSF", 100))).Has();

    [Fact]
    public void Attempts_outside_the_window_count_for_no_share() =>
        Healthy.Sees(string.Concat(Enumerable.Repeat("SF", 40)), TimeSpan.FromMinutes(1)).Has();

    [Fact]
    public void Failures_that_go_on_pause_it_and_say_when_it_is_probed()
    {
        var node = Healthy.Sees("FFFFFF", TimeSpan.FromSeconds(20));
        node.Has(typeof(WebhookDegraded), typeof(WebhookPaused));
        Assert.Equal(new WebhookPaused(node.Now, Now.AddSeconds(20), 6, node.Now.AddSeconds(30)), node.Changes[1]);
    }

    [Fact]
    public void A_burst_of_failures_within_a_moment_pauses_nothing()
    {
        var node = Healthy.Sees(new string('F', 500), TimeSpan.FromMilliseconds(1));
        node.Has(typeof(WebhookDegraded));
        node.Sees("F", TimeSpan.FromMinutes(1)).Has(typeof(WebhookDegraded), typeof(WebhookPaused));
    }

    [Fact]
    public void Successes_in_a_row_mend_a_degraded_one()
    {
        Degraded.Sees("SSFSS").Has();
        Degraded.Sees("SSS").Has(typeof(WebhookRecovered));
    }

    [Fact]
    public void The_first_success_of_a_paused_one_mends_it() => Paused.Sees("FFFS").Has(typeof(WebhookRecovered));

    [Fact]
    public void After_it_recovered_its_failures_are_forgotten() => Paused.Sees("SFF").Has(typeof(WebhookRecovered));

    [Fact]
    public void A_probe_that_fails_after_long_failure_disables_it()
    {
        var node = Paused.Sees("F", TimeSpan.FromDays(5) - TimeSpan.FromMinutes(3));
        node.Has();
        node.Sees("F", TimeSpan.FromMinutes(1)).Has(typeof(WebhookDisabled));
        Assert.Equal(new WebhookDisabled(DisabledReason.Failing, node.Now, Now.AddMinutes(-2), 8), node.Changes[0]);
    }

    [Fact]
    public void A_disabled_one_changes_no_more() =>
        new Node(new WebhookHealth(HealthState.Disabled, Now)).Sees("FFFFFFSSSSFFFFFF", TimeSpan.FromDays(1)).Has();

    [Fact]
    public void After_a_restart_the_stream_tells_since_when_it_fails()
    {
        Assert.Equal((3, (DateTimeOffset?)Now), (Degraded.Tally.Failures, Degraded.Tally.FailingSince));
        Degraded.Sees("FFF", TimeSpan.FromSeconds(30)).Has(typeof(WebhookPaused));
    }

    [Fact]
    public void That_another_node_found_it_degraded_ends_no_count()
    {
        var node = Healthy.Sees("FF", TimeSpan.FromSeconds(20)).Hears(new WebhookHealth(HealthState.Degraded, Now, Now, 3));
        node.Sees("FFFF", TimeSpan.FromSeconds(20)).Has(typeof(WebhookPaused));
    }

    [Fact]
    public void That_another_node_paused_or_mended_it_ends_the_count()
    {
        Assert.Equal(0, Healthy.Sees("FF").Hears(new WebhookHealth(HealthState.Healthy, Now)).Tally.Failures);
        Assert.Equal(20, Healthy.Sees("FF").Hears(new WebhookHealth(HealthState.Paused, Now, Now, 20)).Tally.Failures);
    }

    [Theory]
    [InlineData("F")]
    [InlineData("FFF")]
    [InlineData("FFFFFF")]
    [InlineData("FFFSSS")]
    [InlineData("SFSFSFSFSFSFSFSFSFSFSFSF")]
    [InlineData("FFFFFFFFS")]
    public void An_outcome_told_twice_counts_once(string outcomes)
    {
        var (once, twice) = (Healthy.Sees(outcomes, TimeSpan.FromSeconds(20)), Healthy);
        foreach (var outcome in once.Outcomes)
        {
            twice.Take(outcome);
            var (tally, changes) = (twice.Tally, twice.Changes.Count);
            twice.Take(outcome);
            Assert.Equal((tally, changes), (twice.Tally, twice.Changes.Count));
        }

        Assert.Equal(once.Changes, twice.Changes);
    }

    [Fact]
    public void A_whole_history_told_again_changes_nothing()
    {
        var random = new Random(7);
        var node = Healthy;
        for (var i = 0; i < 2000; i++)
        {
            node.Sees(random.Next(3) == 0 ? "S" : "F", TimeSpan.FromSeconds(random.Next(1, 30)));
        }

        var (tally, changes) = (node.Tally, node.Changes.Count);
        Assert.True(changes > 10);
        foreach (var outcome in node.Outcomes.ToArray())
        {
            node.Take(outcome);
        }

        Assert.Equal((tally, changes), (node.Tally, node.Changes.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Steps_go_one_at_a_time_and_what_is_kept_is_bounded(int seed)
    {
        var random = new Random(seed);
        var node = Healthy;
        var state = HealthState.Healthy;
        for (var i = 0; i < 5000; i++)
        {
            var seen = node.Changes.Count;
            node.Sees(random.Next(8) == 0 ? "S" : "F", TimeSpan.FromSeconds(random.Next(1, 60)));
            Assert.InRange(node.Tally.Recent.Length, 0, WebhookHealthTally.MaxRecent);
            Assert.InRange(node.Changes.Count - seen, 0, 1);
            if (node.Changes.Count > seen)
            {
                Assert.Contains((state, node.Tally.Health.State), new[]
                {
                    (HealthState.Healthy, HealthState.Degraded), (HealthState.Degraded, HealthState.Paused), (HealthState.Degraded, HealthState.Healthy),
                    (HealthState.Paused, HealthState.Healthy), (HealthState.Paused, HealthState.Disabled),
                });
            }

            state = node.Tally.Health.State;
        }
    }

    [Fact]
    public void Nothing_is_kept_of_one_that_is_well_again()
    {
        var node = Healthy.Sees("FS");
        Assert.False(node.Tally.IsIdle);
        Assert.True(node.Sees(new string('S', WebhookHealthTally.MaxRecent - 1)).Tally.IsIdle);
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(1, 60)]
    [InlineData(4, 480)]
    [InlineData(5, 900)]
    [InlineData(5000, 900)]
    public void Probes_come_ever_more_seldom(int probes, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Rules.ProbeDelay(probes));
}
