using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Filtering;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Shaping;

namespace Webhooks.Api.Endpoints;

/// <summary>What the fields of a webhook's body mean, for every route that takes one.</summary>
internal static class WebhookDocs
{
    public const string BodyExample = """
        {"company_sid":"com_01h455vb4pex5vsknk084sn02q","label":"Media","url":"https://hooks.example.com/media","method":"POST","timeout_ms":5000,"max_attempts":5,
         "headers":[{"name":"X-Tenant","value":"7","include_in_request_signature":false}],"event_types":["file.received"],"profile":"standard","signature_scheme":"standard",
         "signatures":[{"scheme":"standard"},{"scheme":"custom","custom":{"signature_header":"X-Acme-Signature","content":"{{timestamp}}.{{body}}","prefix":"t={{timestamp}},v1=","separator":",v1=","hash":"sha256","encoding":"hex","headers":[{"name":"X-Acme-Event","value":"{{event_type}}"}]}}],
         "body_framing":"payload","api_key":"key_01h455vb4pex5vsknk084sn02r",
         "retry_policy":{"kind":"fixed","interval_ms":3000},"limits":{"max_in_flight":10,"rate":{"count":100,"per":"second"}},"auth":{"kind":"bearer","token":"k7Qv…"},"transport":{"http_version":"2","compression":"gzip"},
         "channels":["eu"],"filter":{"media.size":{"$gt":1000}},"shape":{"drop":["media.internal"],"envelope":{"id":"{{event_sid}}","data":"{{payload}}"}}}
        """;

    /// <summary>Every field, whether it makes sense beside the others or not.</summary>
    public const string Whole = """
        {"company_sid":"com_01h455vb4pex5vsknk084sn02q","label":"Media","url":"https://hooks.example.com/media","method":"POST","timeout_ms":5000,"max_attempts":5,
         "headers":[{"name":"X-Tenant","value":"7","include_in_request_signature":false}],"event_types":["file.received"],"profile":"standard","signature_scheme":"standard",
         "signatures":[{"scheme":"custom","custom":{"signature_header":"X-Acme-Signature","content":"{{timestamp}}.{{body}}","prefix":"t={{timestamp}},v1=","separator":",v1=","hash":"sha256","encoding":"hex","headers":[{"name":"X-Acme-Event","value":"{{event_type}}"}]}}],
         "body_framing":"payload","api_key":"key_01h455vb4pex5vsknk084sn02r","ordering":"strict","on_exhausted":"skip","sequence_numbers":true,
         "retry_policy":{},"limits":{"max_in_flight":10,"rate":{"count":100,"per":"second"}},"auth":{},
         "transport":{"http_version":"2","compression":"gzip","traceparent":true,"client_certificate":{"certificate":"-----BEGIN CERTIFICATE-----\n…","private_key":"-----BEGIN PRIVATE KEY-----\n…"},"ca":"-----BEGIN CERTIFICATE-----\n…"},
         "channels":["eu"],"filter":{"media.size":{"$gt":1000}},"shape":{"drop":["media.internal"],"envelope":{"id":"{{event_sid}}","data":"{{payload}}"}},"destination":{}}
        """;

    public static readonly FieldDoc[] Fields =
    [
        Documentation.Optional("url", $"Where events go; required unless there is a destination: http or https, at most {UrlRules.MaxLength} characters, without user name and fragment. Addresses of private networks are refused unless the installation exempts them; names are judged again by every address dialled.").Within(1, UrlRules.MaxLength),
        Documentation.Optional("label", $"For people: at most {WebhookTarget.MaxLabelLength} characters. Empty when left out.").Within(0, WebhookTarget.MaxLabelLength),
        Documentation.Optional("method", $"GET, POST, PUT, PATCH or DELETE; {WebhookReader.DefaultMethod} when left out. GET carries no body.").Among(WebhookReader.Methods),
        Documentation.Optional("timeout_ms", $"Deadline of one attempt over connect, TLS, headers and body: {WebhookReader.MinTimeoutMs} to {WebhookReader.MaxTimeoutMs} ms. The installation's default when left out.").Within(WebhookReader.MinTimeoutMs, WebhookReader.MaxTimeoutMs),
        Documentation.Optional("max_attempts", $"Attempts in all before a delivery is exhausted: 1 to {WebhookReader.MaxMaxAttempts}. The installation's default when left out.").Within(1, WebhookReader.MaxMaxAttempts),
        Documentation.Optional("headers", $"Headers of your own, sent with every request: at most {HeaderRules.MaxHeaders}. Values of sensitive names (Authorization, …-Key, …token… and the like) are shown to keys with the scope manage alone, else as {HeaderAnswer.Redacted}; {HeaderAnswer.Redacted} sent back keeps the value.").Within(0, HeaderRules.MaxHeaders),
        Documentation.Required("headers[].name", "A token of RFC 9110, none that HTTP or a signature scheme sets.").Within(1, HeaderRules.MaxNameLength),
        Documentation.Required("headers[].value", $"Visible ASCII, at most {HeaderRules.MaxValueLength} characters.").Within(0, HeaderRules.MaxValueLength),
        Documentation.Optional("headers[].include_in_request_signature", "Whether the schemes streem and hook0 sign it; such a value is not empty and holds no semicolon. False when left out."),
        Documentation.Optional("event_types", $"Which events: at most {WebhookReader.MaxEventTypes} types or patterns. A star stands for a whole segment between dots, at the end for one or more: user.*, *.created, order.*.failed. Empty or left out: all, future ones included.").Within(0, WebhookReader.MaxEventTypes),
        Documentation.Optional("channels", $"Only events that carry at least one of these: at most {Channels.MaxPerWebhook}. Empty or left out: all events, with channels or without.").Within(0, Channels.MaxPerWebhook),
        Documentation.Optional("filter", $"Only events whose payload it holds of: conditions on JSON paths with $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $startsWith, $endsWith, $contains, $and, $or and $not. At most {PayloadFilter.MaxConditions} conditions, {PayloadFilter.MaxDepth} levels and {PayloadFilter.MaxBytes / 1024} KiB. See docs/filters-and-shaping.md; try one with ~test-filter."),
        Documentation.Optional("shape", $"What is made of the payload before it is signed and sent: select, drop, redact with mask, rename, set, envelope, and body (json or form). At most {Shape.MaxPaths} paths and {Shape.MaxBytes / 1024} KiB. See docs/filters-and-shaping.md."),
        .. SignatureDocs.Fields,
        RetryPolicyDocs.Of(RetryPolicyReader.Name, "How long to wait after a failure. When left out, the company's default, or the installation's."),
        Documentation.Optional("ordering", "none, or strict: events of one ordering_key arrive one after the other in the order in which they were accepted, and the next only when the one before is over. For events accepted from then on. none when left out.").Among<OrderingMode>(),
        Documentation.Optional("on_exhausted", "With strict ordering, when a delivery has used up its attempts: skip goes on with the next of its key, block holds the key back until the delivery is retried with success or skipped. skip when left out.").Among<OnExhausted>(),
        Documentation.Optional("sequence_numbers", "Numbers deliveries from 1 without gaps, in the header webhook-sequence, also without strict ordering, which always numbers. False when left out."),
        .. TransportDocs.Fields,
        .. DestinationDocs.Fields,
        Documentation.Optional("limits", "What the receiver can take, over all nodes together. What waits for a limit spends no attempt. The installation's defaults when left out."),
        Documentation.Optional("limits.max_in_flight", "Requests under way at a time.").Within(1, DeliveryLimits.MostInFlight),
        Documentation.Optional("limits.rate", "How fast requests begin, retries among them. They are evenly spaced."),
        Documentation.Required("limits.rate.count", $"How many: with per second at most {RateLimit.MostPerSecond}.").Within(1, RateLimit.MostPerMinute),
        Documentation.Required("limits.rate.per", "In which time.").Among<RatePeriod>(),
    ];
}
