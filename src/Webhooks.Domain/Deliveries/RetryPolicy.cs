using System.Text.Json.Serialization;

namespace Webhooks.Domain.Deliveries;

/// <summary>How long to wait after a failed attempt, and when to stop trying. Waits are never shorter than the policy says; jitter only adds.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FixedRetry), "fixed")]
[JsonDerivedType(typeof(ScheduleRetry), "schedule")]
[JsonDerivedType(typeof(ExponentialRetry), "exponential")]
[JsonDerivedType(typeof(PresetRetry), "preset")]
public abstract record RetryPolicy
{
    public const long MaxDelayMs = 7L * 24 * 60 * 60 * 1000;
    public const int MaxScheduleLength = 50;
    public const int MaxMaxAttempts = 50;
    public const int MinTimeoutMs = 100;
    public const int MaxTimeoutMs = 60_000;
    public const long MaxSpanMs = 366L * 24 * 60 * 60 * 1000;

    /// <summary>Attempts of one series, 1 to 50; the webhook's own number holds beside it. Null: the webhook's alone.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Attempts by kind of failure. Null: every failure is retried alike.</summary>
    public AttemptLimits? Attempts { get; init; }

    /// <summary>Deadline of one attempt, 100 to 60,000 ms; the webhook's own holds beside it.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>From the start of a series' first attempt, 100 ms to 366 days: none starts after it, and the last one is cut to what is left.</summary>
    public long? TotalDeadlineMs { get; init; }

    /// <summary>Of the event, or since a resend was asked for, 100 ms to 366 days: no attempt starts after it.</summary>
    public long? MaxAgeMs { get; init; }

    /// <summary>429 spends an attempt like any other answer: presets of senders whose documents count it so.</summary>
    internal bool CountsTooManyRequests { get; init; }

    /// <summary>The policy that a preset stands for; itself for any other.</summary>
    public virtual RetryPolicy Resolve() => this;

    /// <param name="failures">Failed attempts so far in this series, from 1.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    public abstract TimeSpan DelayAfter(int failures, double random);

    /// <summary>The rule that this policy breaks, if any; <paramref name="field"/> is the wire's path to the policy.</summary>
    public Refusal? Refuse(string field) => RefuseDelays(field) ?? RefuseLimits(field);

    private protected abstract Refusal? RefuseDelays(string field);

    private Refusal? RefuseLimits(string field) => this switch
    {
        { MaxAttempts: < 1 or > MaxMaxAttempts } => Refusal.Invalid($"{field}.max_attempts", "retry_policy.max_attempts", $"Must be 1 to {MaxMaxAttempts}."),
        { TimeoutMs: < MinTimeoutMs or > MaxTimeoutMs } => Refusal.Invalid($"{field}.timeout_ms", "retry_policy.timeout", $"Must be {MinTimeoutMs} to {MaxTimeoutMs} ms."),
        { TotalDeadlineMs: < MinTimeoutMs or > MaxSpanMs } => Refusal.Invalid($"{field}.total_deadline_ms", "retry_policy.total_deadline", $"Must be {MinTimeoutMs} to {MaxSpanMs} ms (366 days)."),
        { MaxAgeMs: < MinTimeoutMs or > MaxSpanMs } => Refusal.Invalid($"{field}.max_age_ms", "retry_policy.max_age", $"Must be {MinTimeoutMs} to {MaxSpanMs} ms (366 days)."),
        _ => Attempts?.Refuse($"{field}.attempts"),
    };

    private protected static bool InRange(long ms) => ms is >= 1 and <= MaxDelayMs;

    private protected static TimeSpan Jittered(double ms, double jitter, double random) => TimeSpan.FromMilliseconds(ms * (1 + (jitter * random)));

    private protected static Refusal? RefuseJitter(double jitter, string field) =>
        jitter is >= 0 and <= 1 ? null : Refusal.Invalid($"{field}.jitter", "retry_policy.jitter", "Must be 0 to 1.");
}

public sealed record FixedRetry(long IntervalMs) : RetryPolicy
{
    /// <summary>0 to 1: 0.2 adds up to 20 %.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Jitter { get; init; }

    public override TimeSpan DelayAfter(int failures, double random) => Jittered(IntervalMs, Jitter, random);

    private protected override Refusal? RefuseDelays(string field) =>
        InRange(IntervalMs) ? RefuseJitter(Jitter, field) : Refusal.Invalid($"{field}.interval_ms", "retry_policy.interval", $"Must be 1 to {MaxDelayMs} ms (7 days).");
}

/// <summary>One delay after each failure; the last one repeats.</summary>
public sealed record ScheduleRetry(EquatableArray<long> DelaysMs) : RetryPolicy
{
    /// <summary>0 to 1: 0.2 adds up to 20 %.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Jitter { get; init; }

    public override TimeSpan DelayAfter(int failures, double random) => Jittered(DelaysMs[Math.Min(failures, DelaysMs.Count) - 1], Jitter, random);

    private protected override Refusal? RefuseDelays(string field) =>
        DelaysMs.Count is < 1 or > MaxScheduleLength ? Refusal.Invalid($"{field}.delays_ms", "retry_policy.schedule", $"Must hold 1 to {MaxScheduleLength} delays.")
        : DelaysMs.All(InRange) ? RefuseJitter(Jitter, field)
        : Refusal.Invalid($"{field}.delays_ms", "retry_policy.schedule", $"Every delay must be 1 to {MaxDelayMs} ms (7 days).");
}

/// <summary>base × factor^(failures − 1), at most cap, plus up to <paramref name="Jitter"/> of itself.</summary>
/// <param name="Jitter">0 to 1: 0.2 adds up to 20 %.</param>
public sealed record ExponentialRetry(long BaseMs, double Factor, long CapMs, double Jitter) : RetryPolicy
{
    public override TimeSpan DelayAfter(int failures, double random) => Jittered(Math.Min(CapMs, BaseMs * Math.Pow(Factor, failures - 1)), Jitter, random);

    private protected override Refusal? RefuseDelays(string field) => this switch
    {
        _ when !InRange(BaseMs) => Refusal.Invalid($"{field}.base_ms", "retry_policy.base", $"Must be 1 to {MaxDelayMs} ms (7 days)."),
        _ when !(Factor is >= 1 and <= 10) => Refusal.Invalid($"{field}.factor", "retry_policy.factor", "Must be 1 to 10."),
        _ when !InRange(CapMs) || CapMs < BaseMs => Refusal.Invalid($"{field}.cap_ms", "retry_policy.cap", $"Must be at least base_ms and at most {MaxDelayMs} ms (7 days)."),
        _ => RefuseJitter(Jitter, field),
    };
}
