using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Shaping;

namespace Webhooks.Projections.Deliveries;

/// <summary>Makes an attempt's body again: it follows from the payload, the webhook as it was and the attempt, so it is stored nowhere.</summary>
internal static class SentBody
{
    /// <param name="payload">Null once it was erased.</param>
    /// <returns>Null where there was no body, or it can't be told any more.</returns>
    public static ReadOnlyMemory<byte>? Of(SentRequest sent, CompanyId company, DateTimeOffset emittedAt, byte[]? payload)
    {
        var (webhook, message, delivery, type, configuration, attempt, _) = sent;
        var shape = ShapeOf(configuration);
        if (payload is null || configuration.Method == "GET" || (configuration.Shape is not null && shape is null))
        {
            return null;
        }

        try
        {
            return RequestBody.Compose(configuration.Framing, shape, new ShapedEvent(message, type, emittedAt, company, webhook, delivery, attempt.Number, attempt.StartedAt), payload);
        }
        catch (BodyTooLargeException)
        {
            // The sender could not make it either: nothing was sent.
            return null;
        }
    }

    public static string ContentTypeOf(WebhookConfiguration configuration) => ShapeOf(configuration)?.ContentType ?? RequestHeaders.ContentType;

    private static Shape? ShapeOf(WebhookConfiguration configuration) => configuration.Shape is { } shape ? Shape.Parse(shape, "shape", out _) : null;
}
