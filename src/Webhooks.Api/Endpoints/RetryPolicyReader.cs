using Webhooks.Api.Http;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads a retry policy, whose fields follow from its <c>kind</c>; all kinds but presets share those that limit it.</summary>
internal static class RetryPolicyReader
{
    public const string Name = "retry_policy";

    private static readonly string[] Kinds = ["fixed", "schedule", "exponential", "preset"];

    private static readonly string[] AllFields =
        ["interval_ms", "delays_ms", "base_ms", "factor", "cap_ms", "jitter", "name", "max_attempts", "attempts", "timeout_ms", "total_deadline_ms", "max_age_ms"];

    /// <returns>Null when it is missing or null, or breaks a rule.</returns>
    public static RetryPolicy? Read(Fields body, string name = Name)
    {
        if (body.OptionalObject(name) is not { } policy)
        {
            return null;
        }

        var read = ReadKind(policy, policy.String("kind", 1, 40));
        body.Refuse(read?.Refuse(name));
        return read;
    }

    private static RetryPolicy? ReadKind(Fields policy, string kind)
    {
        switch (kind)
        {
            case "fixed":
                return ReadLimits(policy, new FixedRetry(policy.Integer("interval_ms", 1, RetryPolicy.MaxDelayMs)) { Jitter = ReadJitter(policy) });
            case "schedule":
                return ReadLimits(policy, ReadSchedule(policy));
            case "exponential":
                var baseMs = policy.Integer("base_ms", 1, RetryPolicy.MaxDelayMs);
                return ReadLimits(policy, new ExponentialRetry(
                    baseMs, policy.Number("factor", 1, 10), policy.Integer("cap_ms", baseMs, RetryPolicy.MaxDelayMs), ReadJitter(policy)));
            case "preset":
                return new PresetRetry(policy.Enum<RetryPreset>("name"));
            default:
                // Which of the others belong here nobody knows, so none of them is called unknown.
                Array.ForEach(AllFields, name => policy.Presence(name));
                if (kind.Length > 0)
                {
                    policy.Refuse("kind", "field.value", $"Must be one of {string.Join(", ", Kinds)}.{DidYouMean.Hint(kind, Kinds)}");
                }

                return null;
        }
    }

    private static RetryPolicy? ReadLimits(Fields policy, RetryPolicy? delays)
    {
        var maxAttempts = policy.OptionalInt("max_attempts", 1, RetryPolicy.MaxMaxAttempts);
        var attempts = policy.OptionalObject("attempts") is { } limits ? new AttemptLimits(ReadLimit(limits, "status"), ReadLimit(limits, "network"), ReadLimit(limits, "timeout")) : null;
        var timeout = policy.OptionalInt("timeout_ms", RetryPolicy.MinTimeoutMs, RetryPolicy.MaxTimeoutMs);
        var deadline = policy.OptionalInteger("total_deadline_ms", RetryPolicy.MinTimeoutMs, RetryPolicy.MaxSpanMs);
        var age = policy.OptionalInteger("max_age_ms", RetryPolicy.MinTimeoutMs, RetryPolicy.MaxSpanMs);
        return delays is null ? null : delays with { MaxAttempts = maxAttempts, Attempts = attempts, TimeoutMs = timeout, TotalDeadlineMs = deadline, MaxAgeMs = age };
    }

    private static int? ReadLimit(Fields limits, string kind) => limits.OptionalInt(kind, 1, RetryPolicy.MaxMaxAttempts);

    private static double ReadJitter(Fields policy) => policy.OptionalNumber("jitter", 0, 1) ?? 0;

    private static ScheduleRetry? ReadSchedule(Fields policy)
    {
        var jitter = ReadJitter(policy);
        if (policy.Presence("delays_ms") != Presence.Value)
        {
            policy.Refuse("delays_ms", "field.required", "Is required.");
            return null;
        }

        return policy.OptionalIntegers("delays_ms", RetryPolicy.MaxScheduleLength, 1, RetryPolicy.MaxDelayMs) is { } delays
            ? new ScheduleRetry(delays.ToArray()) { Jitter = jitter }
            : null;
    }
}
