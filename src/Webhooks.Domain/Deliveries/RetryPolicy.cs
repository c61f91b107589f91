using System.Text.Json.Serialization;

namespace Webhooks.Domain.Deliveries;

/// <summary>How long to wait after a failed attempt. Waits are never shorter than the policy says; jitter only adds.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FixedRetry), "fixed")]
[JsonDerivedType(typeof(ScheduleRetry), "schedule")]
[JsonDerivedType(typeof(ExponentialRetry), "exponential")]
public abstract record RetryPolicy
{
    public const long MaxDelayMs = 7L * 24 * 60 * 60 * 1000;
    public const int MaxScheduleLength = 50;

    /// <param name="failures">Failed attempts so far in this series, from 1.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    public abstract TimeSpan DelayAfter(int failures, double random);

    /// <summary>The rule that this policy breaks, if any; <paramref name="field"/> is the wire's path to the policy.</summary>
    public abstract Refusal? Refuse(string field);

    private protected static bool InRange(long ms) => ms is >= 1 and <= MaxDelayMs;
}

public sealed record FixedRetry(long IntervalMs) : RetryPolicy
{
    public override TimeSpan DelayAfter(int failures, double random) => TimeSpan.FromMilliseconds(IntervalMs);

    public override Refusal? Refuse(string field) =>
        InRange(IntervalMs) ? null : Refusal.Invalid($"{field}.interval_ms", "retry_policy.interval", $"Must be 1 to {MaxDelayMs} ms (7 days).");
}

/// <summary>One delay after each failure; the last one repeats.</summary>
public sealed record ScheduleRetry(EquatableArray<long> DelaysMs) : RetryPolicy
{
    public override TimeSpan DelayAfter(int failures, double random) => TimeSpan.FromMilliseconds(DelaysMs[Math.Min(failures, DelaysMs.Count) - 1]);

    public override Refusal? Refuse(string field) =>
        DelaysMs.Count is < 1 or > MaxScheduleLength ? Refusal.Invalid($"{field}.delays_ms", "retry_policy.schedule", $"Must hold 1 to {MaxScheduleLength} delays.")
        : DelaysMs.All(InRange) ? null
        : Refusal.Invalid($"{field}.delays_ms", "retry_policy.schedule", $"Every delay must be 1 to {MaxDelayMs} ms (7 days).");
}

/// <summary>base × factor^(failures − 1), at most cap, plus up to <paramref name="Jitter"/> of itself.</summary>
/// <param name="Jitter">0 to 1: 0.2 adds up to 20 %.</param>
public sealed record ExponentialRetry(long BaseMs, double Factor, long CapMs, double Jitter) : RetryPolicy
{
    public override TimeSpan DelayAfter(int failures, double random)
    {
        var delay = Math.Min(CapMs, BaseMs * Math.Pow(Factor, failures - 1));
        return TimeSpan.FromMilliseconds(delay * (1 + (Jitter * random)));
    }

    public override Refusal? Refuse(string field) => this switch
    {
        _ when !InRange(BaseMs) => Refusal.Invalid($"{field}.base_ms", "retry_policy.base", $"Must be 1 to {MaxDelayMs} ms (7 days)."),
        _ when !(Factor is >= 1 and <= 10) => Refusal.Invalid($"{field}.factor", "retry_policy.factor", "Must be 1 to 10."),
        _ when !InRange(CapMs) || CapMs < BaseMs => Refusal.Invalid($"{field}.cap_ms", "retry_policy.cap", $"Must be at least base_ms and at most {MaxDelayMs} ms (7 days)."),
        _ when !(Jitter is >= 0 and <= 1) => Refusal.Invalid($"{field}.jitter", "retry_policy.jitter", "Must be 0 to 1."),
        _ => null,
    };
}
