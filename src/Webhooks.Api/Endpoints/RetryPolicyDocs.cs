using Webhooks.Api.Http;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Api.Endpoints;

/// <summary>What the fields of a retry policy mean.</summary>
internal static class RetryPolicyDocs
{
    private const string LimitsExample = """
        "jitter":0.2,"max_attempts":8,"attempts":{"status":3,"network":2,"timeout":3},"timeout_ms":6000,"total_deadline_ms":15000,"max_age_ms":86400000
        """;

    private static readonly FieldDoc[] Limits =
    [
        Documentation.Optional("jitter", "Lengthens each wait by up to this share of itself, by lot. 0 when left out.").Within(0, 1),
        Documentation.Optional("max_attempts", "Attempts of one series. The webhook's max_attempts holds beside it; the lower one counts.").Within(1, RetryPolicy.MaxMaxAttempts),
        Documentation.Optional("attempts", "Attempts by kind of failure. With it only the statuses 408, 425, 429 and 5xx are retried."),
        Documentation.Optional("attempts.status", "Where the receiver answered with one of them.").Within(1, RetryPolicy.MaxMaxAttempts),
        Documentation.Optional("attempts.network", "Where it could not be reached.").Within(1, RetryPolicy.MaxMaxAttempts),
        Documentation.Optional("attempts.timeout", "Where it did not answer in time.").Within(1, RetryPolicy.MaxMaxAttempts),
        Documentation.Optional("timeout_ms", "Deadline of one attempt, in ms. The webhook's timeout_ms holds beside it; the shorter one counts.").Within(RetryPolicy.MinTimeoutMs, RetryPolicy.MaxTimeoutMs),
        Documentation.Optional("total_deadline_ms", "From the start of a series' first attempt, in ms: no attempt starts after it, and the last one is cut to what is left. At most 366 days.").Within(RetryPolicy.MinTimeoutMs, RetryPolicy.MaxSpanMs),
        Documentation.Optional("max_age_ms", "Age of the event in ms beyond which no attempt starts. At most 366 days.").Within(RetryPolicy.MinTimeoutMs, RetryPolicy.MaxSpanMs),
    ];

    /// <param name="path">The policy's own field.</param>
    public static FieldDoc Of(string path, string text) => Documentation.Optional(path, text).OneOf(
        Documentation.Form(
            $$"""{"kind":"fixed","interval_ms":3000,{{LimitsExample}} }""",
            [
                Documentation.Required("kind", "The same wait before every retry.").Among("fixed"),
                Documentation.Required("interval_ms", "The wait, in ms. At most 7 days.").Within(1, RetryPolicy.MaxDelayMs),
                .. Limits,
            ]),
        Documentation.Form(
            $$"""{"kind":"schedule","delays_ms":[5000,300000,1800000],{{LimitsExample}} }""",
            [
                Documentation.Required("kind", "A wait of its own before each retry.").Among("schedule"),
                Documentation.Required("delays_ms", "The waits, in ms; the last one is used on where more attempts are allowed.").Within(1, RetryPolicy.MaxScheduleLength),
                Documentation.Optional("delays_ms[]", "At most 7 days.").Within(1, RetryPolicy.MaxDelayMs),
                .. Limits,
            ]),
        Documentation.Form(
            $$"""{"kind":"exponential","base_ms":1000,"factor":2.5,"cap_ms":3600000,{{LimitsExample}} }""",
            [
                Documentation.Required("kind", "Waits that grow.").Among("exponential"),
                Documentation.Required("base_ms", "The first wait, in ms. At most 7 days.").Within(1, RetryPolicy.MaxDelayMs),
                Documentation.Required("factor", "How much longer each one is than the one before.").Within(1, 10),
                Documentation.Required("cap_ms", "The longest, in ms: from base_ms to 7 days.").Within(1, RetryPolicy.MaxDelayMs),
                .. Limits,
            ]),
        Documentation.Form(
            """{"kind":"preset","name":"standard"}""",
            Documentation.Required("kind", "One that comes with the service; see docs/retries.md.").Among("preset"),
            Documentation.Required("name", "Which.").Among<RetryPreset>()));
}
