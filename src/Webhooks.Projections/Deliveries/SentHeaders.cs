using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Projections.Deliveries;

/// <summary>What determined an attempt's request.</summary>
/// <param name="Configuration">Of the webhook at the version that the attempt used.</param>
internal sealed record SentRequest(WebhookId Webhook, MessageId Event, DeliveryId Delivery, string Type, WebhookConfiguration Configuration, Attempt Attempt, long? Sequence);

/// <summary>Shows headers as they were sent, without what is nobody's business. Sensitive values are not even opened.</summary>
internal static class SentHeaders
{
    /// <summary>Stands for a value that is not shown.</summary>
    public const string Redacted = "[redacted]";

    public static IReadOnlyList<Header> Of(SentRequest sent, SecretSealer sealer)
    {
        var (webhook, message, delivery, type, configuration, attempt, sequence) = sent;
        var custom = configuration.Headers.Select(h => new Header(h.Name, HeaderRules.IsSensitive(h.Name) ? Redacted : sealer.Open(h.Value, webhook.ToString())));
        var all = ConfiguredHeaders.Of(configuration, custom, configuration.Auth is null ? null : Redacted);
        var headers = RequestHeaders.Compose(message, delivery, attempt.Number, type, configuration.Method != "GET", all, attempt.SignatureHeaders.AsSpan(), SentBody.ContentTypeOf(configuration), sequence);
        return configuration.Destination switch
        {
            null => headers,
            // Where there were too many, nothing was sent.
            AwsDestination => MessageAttributes.OfAws(headers) ?? [],
            _ => MessageAttributes.Of(headers),
        };
    }

    public static IReadOnlyList<Header> Redact(EquatableArray<Header> headers) =>
        [.. headers.Select(h => HeaderRules.IsSensitive(h.Name) ? h with { Value = Redacted } : h)];
}
