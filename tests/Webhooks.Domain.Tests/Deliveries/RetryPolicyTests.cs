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

    [Theory]
    [InlineData(RetryPreset.Standard)]
    [InlineData(RetryPreset.Streem)]
    [InlineData(RetryPreset.GetStream)]
    [InlineData(RetryPreset.AiozStream)]
    public void No_preset_ever_waits_less_than_it_says_or_more_than_its_jitter_adds(RetryPreset name)
    {
        var random = new Random(31);
        var policy = new PresetRetry(name);
        Assert.Null(policy.Refuse("retry_policy"));
        Assert.Null(policy.Resolve().Refuse("retry_policy"));
        var jitter = policy.Resolve() switch { FixedRetry p => p.Jitter, ScheduleRetry p => p.Jitter, ExponentialRetry p => p.Jitter, _ => double.NaN };
        for (var sample = 0; sample < 10_000; sample++)
        {
            var failures = random.Next(1, 51);
            var least = policy.DelayAfter(failures, 0);
            Assert.InRange(policy.DelayAfter(failures, random.NextDouble()), least, least * (1 + jitter));
        }
    }

    [Fact]
    public void Fixed_delays_and_schedules_take_jitter_too()
    {
        Assert.Equal([1_250], [new FixedRetry(1_000) { Jitter = 0.5 }.DelayAfter(3, 0.5).TotalMilliseconds]);
        Assert.Equal([2_500], [new ScheduleRetry(new long[] { 1_000, 2_000 }) { Jitter = 0.5 }.DelayAfter(3, 0.5).TotalMilliseconds]);
    }

    [Fact]
    public void Presets_are_what_their_senders_publish()
    {
        Assert.Equal([5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000], Least(RetryPreset.Standard, 9));
        Assert.Equal([3_000, 3_000, 3_000], Least(RetryPreset.AiozStream, 3));
        Assert.Equal((10, 4, 5), (Resolved(RetryPreset.Standard).MaxAttempts, Resolved(RetryPreset.AiozStream).MaxAttempts, Resolved(RetryPreset.Streem).MaxAttempts));
        var getstream = Resolved(RetryPreset.GetStream);
        Assert.Equal((3, 2, 3), (getstream.Attempts?.Status, getstream.Attempts?.Network, getstream.Attempts?.Timeout));
        Assert.Equal((6_000, 15_000), (getstream.TimeoutMs, getstream.TotalDeadlineMs));
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
        ["least limits"] = new FixedRetry(1) { MaxAttempts = 1, Attempts = new AttemptLimits(1, 1, 1), TimeoutMs = 100, TotalDeadlineMs = 100, MaxAgeMs = 100 },
        ["most limits"] = new FixedRetry(1) { MaxAttempts = 50, Attempts = new AttemptLimits(50, 50, 50), TimeoutMs = 60_000, TotalDeadlineMs = RetryPolicy.MaxSpanMs, MaxAgeMs = RetryPolicy.MaxSpanMs },
        ["no limit of a kind"] = new FixedRetry(1) { Attempts = new AttemptLimits(null, 2, null) },
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
        ["jitter of fixed"] = (new FixedRetry(1) { Jitter = 1.1 }, "jitter", "jitter"),
        ["jitter of schedule"] = (new ScheduleRetry(new long[] { 1 }) { Jitter = -1 }, "jitter", "jitter"),
        ["no attempt"] = (new FixedRetry(1) { MaxAttempts = 0 }, "max_attempts", "max_attempts"),
        ["51 attempts"] = (new FixedRetry(1) { MaxAttempts = 51 }, "max_attempts", "max_attempts"),
        ["no attempt by status"] = (new FixedRetry(1) { Attempts = new AttemptLimits(0, 1, 1) }, "attempts.status", "attempts"),
        ["no attempt by network"] = (new FixedRetry(1) { Attempts = new AttemptLimits(1, 0, 1) }, "attempts.network", "attempts"),
        ["51 attempts by timeout"] = (new FixedRetry(1) { Attempts = new AttemptLimits(1, 1, 51) }, "attempts.timeout", "attempts"),
        ["timeout 99"] = (new FixedRetry(1) { TimeoutMs = 99 }, "timeout_ms", "timeout"),
        ["timeout over a minute"] = (new FixedRetry(1) { TimeoutMs = 60_001 }, "timeout_ms", "timeout"),
        ["deadline 99"] = (new FixedRetry(1) { TotalDeadlineMs = 99 }, "total_deadline_ms", "total_deadline"),
        ["deadline over 366 days"] = (new FixedRetry(1) { TotalDeadlineMs = RetryPolicy.MaxSpanMs + 1 }, "total_deadline_ms", "total_deadline"),
        ["age 99"] = (new FixedRetry(1) { MaxAgeMs = 99 }, "max_age_ms", "max_age"),
        ["age over 366 days"] = (new FixedRetry(1) { MaxAgeMs = RetryPolicy.MaxSpanMs + 1 }, "max_age_ms", "max_age"),
        ["no such preset"] = (new PresetRetry((RetryPreset)99), "name", "preset"),
        ["jitter below 0"] = (new ExponentialRetry(1, 2, 10, -0.01), "jitter", "jitter"),
        ["jitter over 1"] = (new ExponentialRetry(1, 2, 10, 1.01), "jitter", "jitter"),
        ["jitter not a number"] = (new ExponentialRetry(1, 2, 10, double.NaN), "jitter", "jitter"),
    };

    private static RetryPolicy Resolved(RetryPreset name) => new PresetRetry(name).Resolve();

    private static IEnumerable<double> Least(RetryPreset name, int count) => Enumerable.Range(1, count).Select(n => new PresetRetry(name).DelayAfter(n, 0).TotalMilliseconds);

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
