namespace Webhooks.Domain.Deliveries;

/// <summary>
/// The headers of a request, in the order and spelling in which they are sent; Host and Content-Length follow from the request. The sender and the audit both ask here, so that what the
/// audit shows is what was sent.
/// </summary>
public static class RequestHeaders
{
    /// <summary>The event's sid: the same over all attempts, retries and resends, so receivers can drop what they have.</summary>
    public const string MessageId = "webhook-id";
    public const string DeliveryId = "webhook-delivery-id";

    /// <summary>From 1, over all attempts of the delivery.</summary>
    public const string Attempt = "webhook-attempt";
    public const string EventType = "webhook-event-type";

    /// <summary>The delivery's number, where its webhook numbers: the same over all attempts.</summary>
    public const string Sequence = "webhook-sequence";
    public const string UserAgent = "Webhooks/1";
    public const string ContentType = "application/json";

    public static Header[] Compose(
        MessageId message, DeliveryId delivery, int attempt, string eventType, bool hasBody, ReadOnlySpan<Header> custom, ReadOnlySpan<Header> signature,
        string contentType = ContentType, long? sequence = null)
    {
        var own = sequence is null ? 5 : 6;
        var headers = new Header[own + signature.Length + custom.Length + (hasBody ? 1 : 0)];
        headers[0] = new("User-Agent", UserAgent);
        headers[1] = new(MessageId, message.ToString());
        headers[2] = new(DeliveryId, delivery.ToString());
        headers[3] = new(Attempt, attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
        headers[4] = new(EventType, eventType);
        if (sequence is { } number)
        {
            headers[5] = new(Sequence, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        signature.CopyTo(headers.AsSpan(own));
        custom.CopyTo(headers.AsSpan(own + signature.Length));
        if (hasBody)
        {
            headers[^1] = new("Content-Type", contentType);
        }

        return headers;
    }
}
