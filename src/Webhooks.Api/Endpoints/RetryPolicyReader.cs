using Webhooks.Api.Http;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads <c>retry_policy</c>, whose fields follow from its <c>kind</c>.</summary>
internal static class RetryPolicyReader
{
    private static readonly string[] AllFields = ["interval_ms", "delays_ms", "base_ms", "factor", "cap_ms", "jitter"];

    /// <returns>Null when it is missing or null, or breaks a rule.</returns>
    public static RetryPolicy? Read(Fields body)
    {
        if (body.OptionalObject("retry_policy") is not { } policy)
        {
            return null;
        }

        var read = ReadKind(policy, policy.String("kind", 1, 40));
        body.Refuse(read?.Refuse("retry_policy"));
        return read;
    }

    private static RetryPolicy? ReadKind(Fields policy, string kind)
    {
        switch (kind)
        {
            case "fixed":
                return new FixedRetry(policy.Integer("interval_ms", 1, RetryPolicy.MaxDelayMs));
            case "schedule":
                return ReadSchedule(policy);
            case "exponential":
                var baseMs = policy.Integer("base_ms", 1, RetryPolicy.MaxDelayMs);
                return new ExponentialRetry(
                    baseMs, policy.Number("factor", 1, 10), policy.Integer("cap_ms", baseMs, RetryPolicy.MaxDelayMs), policy.OptionalNumber("jitter", 0, 1) ?? 0);
            default:
                // Which of the others belong here nobody knows, so none of them is called unknown.
                Array.ForEach(AllFields, name => policy.Presence(name));
                if (kind.Length > 0)
                {
                    policy.Refuse("kind", "field.value", $"Must be one of fixed, schedule, exponential.{DidYouMean.Hint(kind, ["fixed", "schedule", "exponential"])}");
                }

                return null;
        }
    }

    private static ScheduleRetry? ReadSchedule(Fields policy)
    {
        if (policy.Presence("delays_ms") != Presence.Value)
        {
            policy.Refuse("delays_ms", "field.required", "Is required.");
            return null;
        }

        return policy.OptionalIntegers("delays_ms", RetryPolicy.MaxScheduleLength, 1, RetryPolicy.MaxDelayMs) is { } delays
            ? new ScheduleRetry(delays.ToArray())
            : null;
    }
}
