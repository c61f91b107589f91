using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>What the fields of a webhook's body mean, for every route that takes one.</summary>
internal static class WebhookDocs
{
    public const string BodyExample = """
        {"company_sid":"com_01h455vb4pex5vsknk084sn02q","label":"Media","url":"https://hooks.example.com/media","method":"POST","timeout_ms":5000,"max_attempts":5,
         "headers":[{"name":"X-Tenant","value":"7","include_in_request_signature":false}],"event_types":["file.received"],"signature_scheme":"standard",
         "retry_policy":{"kind":"fixed","interval_ms":3000},"limits":{"max_in_flight":10,"rate":{"count":100,"per":"second"}}}
        """;

    public static readonly FieldDoc[] Fields =
    [
        Documentation.Required("url", $"Where events go: http or https, at most {UrlRules.MaxLength} characters, without user name and fragment. Addresses of private networks are refused unless the installation exempts them; names are judged again by every address dialled."),
        Documentation.Optional("label", $"For people: at most {WebhookTarget.MaxLabelLength} characters. Empty when left out."),
        Documentation.Optional("method", $"GET, POST, PUT, PATCH or DELETE; {WebhookReader.DefaultMethod} when left out. GET carries no body."),
        Documentation.Optional("timeout_ms", $"Deadline of one attempt over connect, TLS, headers and body: {WebhookReader.MinTimeoutMs} to {WebhookReader.MaxTimeoutMs} ms. The installation's default when left out."),
        Documentation.Optional("max_attempts", $"Attempts in all before a delivery is exhausted: 1 to {WebhookReader.MaxMaxAttempts}. The installation's default when left out."),
        Documentation.Optional("headers", $"Headers of your own, sent with every request: at most {HeaderRules.MaxHeaders}. Values of sensitive names (Authorization, …-Key, …token… and the like) are shown to keys with the scope manage alone, else as {HeaderAnswer.Redacted}; {HeaderAnswer.Redacted} sent back keeps the value."),
        Documentation.Required("headers[].name", "A token of RFC 9110, none that HTTP or a signature scheme sets."),
        Documentation.Required("headers[].value", $"Visible ASCII, at most {HeaderRules.MaxValueLength} characters."),
        Documentation.Optional("headers[].include_in_request_signature", "Whether the scheme streem signs it; such a value is not empty and holds no semicolon. False when left out."),
        Documentation.Optional("event_types", $"Which events: at most {WebhookReader.MaxEventTypes} types. Empty or left out: all, future ones included."),
        Documentation.Optional("signature_scheme", "standard (Standard Webhooks) or streem; standard when left out. Every signing key must fit it."),
        Documentation.Optional("retry_policy", """How long to wait after a failure: {"kind":"fixed","interval_ms"}, {"kind":"schedule","delays_ms"} or {"kind":"exponential","base_ms","factor","cap_ms","jitter"}. The installation's default when left out."""),
        Documentation.Optional("limits", "What the receiver can take, over all nodes together. What waits for a limit spends no attempt. The installation's defaults when left out."),
        Documentation.Optional("limits.max_in_flight", $"Requests under way at a time: 1 to {DeliveryLimits.MostInFlight}."),
        Documentation.Optional("limits.rate", $"How fast requests begin, retries among them: {{\"count\",\"per\"}} with per second (count 1 to {RateLimit.MostPerSecond}) or minute (1 to {RateLimit.MostPerMinute}). They are evenly spaced."),
    ];
}
