using Webhooks.Domain.Deliveries;

namespace Webhooks.Domain.Tests.Deliveries;

public class RetryPolicyTests
{
    private const long SevenDays = RetryPolicy.MaxDelayMs;

    [Fact]
    public void A_fixed_policy_waits_the_same_each_time() =>
        Assert.Equal([3_000, 3_000, 3_000], Delays(new FixedRetry(3_000), 1, 2, 49));

    [Fact]
    public void A_schedule_goes_step_by_step_and_repeats_its_last() =>
        Assert.Equal([100, 2_000, 30_000, 30_000, 30_000], Delays(new ScheduleRetry(new long[] { 100, 2_000, 30_000 }), 1, 2, 3, 4, 49));

    [Fact]
    public void An_exponential_policy_grows_up_to_its_cap() =>
        Assert.Equal([1_000, 3_000, 9_000, 20_000, 20_000], Delays(new ExponentialRetry(1_000, 3, 20_000, 0), 1, 2, 3, 4, 49));

    [Fact]
    public void No_number_of_failures_is_too_large() =>
        Assert.Equal([SevenDays, SevenDays], Delays(new ExponentialRetry(1, 10, SevenDays, 0), 400, int.MaxValue));

    [Fact]
    public void The_wait_is_never_shorter_than_the_policy_says_and_jitter_stays_in_its_bounds()
    {
        var random = new Random(20260304);
        for (var sample = 0; sample < 10_000; sample++)
        {
            var policy = RandomPolicy(random);
            var failures = random.Next(1, 51);
            var least = policy with { Jitter = 0 };
            var delay = policy.DelayAfter(failures, random.NextDouble());

            Assert.InRange(delay, least.DelayAfter(failures, 0), policy.DelayAfter(failures, 1));
            Assert.InRange(delay, TimeSpan.FromMilliseconds(policy.BaseMs), TimeSpan.FromMilliseconds(policy.CapMs * (1 + policy.Jitter)));
        }
    }

    [Fact]
    public void Without_jitter_more_failures_never_mean_a_shorter_wait()
    {
        var random = new Random(7);
        for (var sample = 0; sample < 200; sample++)
        {
            var policy = RandomPolicy(random) with { Jitter = 0 };
            var delays = Enumerable.Range(1, 50).Select(n => policy.DelayAfter(n, 0)).ToArray();
            Assert.Equal(delays.Order(), delays);
        }
    }

    [Fact]
    public void Jitter_spreads_over_its_whole_range()
    {
        var random = new Random(11);
        var policy = new ExponentialRetry(1_000, 1, 1_000, 0.5);
        var delays = Enumerable.Range(0, 10_000).Select(_ => policy.DelayAfter(1, random.NextDouble()).TotalMilliseconds).ToArray();
        Assert.InRange(delays.Min(), 1_000, 1_005);
        Assert.InRange(delays.Max(), 1_495, 1_500);
        Assert.InRange(delays.Average(), 1_240, 1_260);
    }

    public static TheoryData<string> Allowed => [.. AllowedPolicies.Keys];
    public static TheoryData<string> Forbidden => [.. ForbiddenPolicies.Keys];

    [Theory]
    [MemberData(nameof(Allowed))]
    public void Policies_at_their_bounds_are_allowed(string policy) => Assert.Null(AllowedPolicies[policy].Refuse("retry_policy"));

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void Policies_beyond_their_bounds_are_refused_at_the_field(string name)
    {
        var (policy, field, code) = ForbiddenPolicies[name];
        var refusal = policy.Refuse("webhook.retry_policy");
        Assert.Equal((RefusalKind.Invalid, $"webhook.retry_policy.{field}", $"retry_policy.{code}"), (refusal!.Kind, refusal.Field, refusal.Code));
    }

    private static readonly Dictionary<string, RetryPolicy> AllowedPolicies = new()
    {
        ["fixed 1 ms"] = new FixedRetry(1),
        ["fixed 7 days"] = new FixedRetry(SevenDays),
        ["schedule of 1"] = new ScheduleRetry(new long[] { 1 }),
        ["schedule of 50"] = new ScheduleRetry(Enumerable.Repeat(SevenDays, 50).ToArray()),
        ["exponential, least"] = new ExponentialRetry(1, 1, 1, 0),
        ["exponential, most"] = new ExponentialRetry(SevenDays, 10, SevenDays, 1),
    };

    private static readonly Dictionary<string, (RetryPolicy Policy, string Field, string Code)> ForbiddenPolicies = new()
    {
        ["fixed 0"] = (new FixedRetry(0), "interval_ms", "interval"),
        ["fixed over 7 days"] = (new FixedRetry(SevenDays + 1), "interval_ms", "interval"),
        ["empty schedule"] = (new ScheduleRetry(Array.Empty<long>()), "delays_ms", "schedule"),
        ["missing schedule"] = (new ScheduleRetry(default), "delays_ms", "schedule"),
        ["schedule of 51"] = (new ScheduleRetry(Enumerable.Repeat(1L, 51).ToArray()), "delays_ms", "schedule"),
        ["schedule with 0"] = (new ScheduleRetry(new long[] { 1, 0 }), "delays_ms", "schedule"),
        ["schedule over 7 days"] = (new ScheduleRetry(new[] { SevenDays + 1 }), "delays_ms", "schedule"),
        ["base 0"] = (new ExponentialRetry(0, 2, 10, 0), "base_ms", "base"),
        ["factor below 1"] = (new ExponentialRetry(1, 0.99, 10, 0), "factor", "factor"),
        ["factor over 10"] = (new ExponentialRetry(1, 10.01, 10, 0), "factor", "factor"),
        ["factor not a number"] = (new ExponentialRetry(1, double.NaN, 10, 0), "factor", "factor"),
        ["cap below base"] = (new ExponentialRetry(10, 2, 9, 0), "cap_ms", "cap"),
        ["cap over 7 days"] = (new ExponentialRetry(1, 2, SevenDays + 1, 0), "cap_ms", "cap"),
        ["jitter below 0"] = (new ExponentialRetry(1, 2, 10, -0.01), "jitter", "jitter"),
        ["jitter over 1"] = (new ExponentialRetry(1, 2, 10, 1.01), "jitter", "jitter"),
        ["jitter not a number"] = (new ExponentialRetry(1, 2, 10, double.NaN), "jitter", "jitter"),
    };

    private static ExponentialRetry RandomPolicy(Random random)
    {
        var least = random.NextInt64(1, SevenDays);
        var policy = new ExponentialRetry(least, 1 + (9 * random.NextDouble()), random.NextInt64(least, SevenDays + 1), random.NextDouble());
        Assert.Null(policy.Refuse("retry_policy"));
        return policy;
    }

    private static IEnumerable<double> Delays(RetryPolicy policy, params int[] failures) =>
        failures.Select(n => policy.DelayAfter(n, 0.5).TotalMilliseconds);
}
