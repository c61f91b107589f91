using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Projections.Deliveries;

/// <summary>What determined an attempt's request.</summary>
/// <param name="Configuration">Of the webhook at the version that the attempt used.</param>
public sealed record SentRequest(WebhookId Webhook, MessageId Event, DeliveryId Delivery, string Type, WebhookConfiguration Configuration, Attempt Attempt);

/// <summary>Shows the headers of a request as they were sent, without what is nobody's business.</summary>
/// <param name="fixedHeaders">Those that every request has: the sender knows them.</param>
/// <param name="open">Opens the value of a customer's header. Asked only for headers that are not sensitive.</param>
public sealed class RequestHeaders(Func<SentRequest, IEnumerable<Header>> fixedHeaders, Func<WebhookId, CustomHeader, string> open)
{
    /// <summary>Stands for a value that is not shown.</summary>
    public const string Redacted = "[redacted]";

    /// <summary>Fixed, then the customer's, then those of the signature.</summary>
    public IReadOnlyList<Header> Of(SentRequest sent) =>
    [
        .. fixedHeaders(sent),
        .. sent.Configuration.Headers.Select(h => new Header(h.Name, HeaderRules.IsSensitive(h.Name) ? Redacted : open(sent.Webhook, h))),
        .. sent.Attempt.SignatureHeaders,
    ];

    public static IReadOnlyList<Header> Redact(EquatableArray<Header> headers) =>
        [.. headers.Select(h => HeaderRules.IsSensitive(h.Name) ? h with { Value = Redacted } : h)];
}
