using System.Text;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Routing;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;

namespace Webhooks.Delivery.Dispatch;

/// <summary>One attempt's request: what goes out, and what the log says of it.</summary>
/// <param name="SentAt">What it is signed for, in whole milliseconds.</param>
/// <param name="Request">Null where what the webhook asks for can't be made.</param>
/// <param name="Signature">Of its headers, those that can't be told later from the webhook and the event.</param>
internal sealed record SignedRequest(DateTimeOffset SentAt, OutgoingRequest? Request, EquatableArray<Header> Signature)
{
    /// <param name="now">The wall clock.</param>
    /// <param name="traceparent">Null: the header is left out.</param>
    /// <exception cref="BodyTooLargeException">The shape makes more of the payload than is sent.</exception>
    public static SignedRequest Make(DeliveryJob job, RoutedWebhook webhook, DateTimeOffset now, TimeSpan timeout, Header? traceparent)
    {
        var sentAt = WholeMilliseconds(now);
        var configuration = webhook.Configuration;
        var hasBody = configuration.Method != "GET";
        var e = new ShapedEvent(job.Message.Id, job.Message.Type, job.Message.EmittedAt, job.Message.Company, job.Webhook, job.Id, job.AttemptNumber, sentAt);
        if (webhook.IsUnreadable)
        {
            return Unmade(sentAt);
        }

        var body = hasBody ? RequestBody.Compose(configuration.Framing, webhook.Shape, e, job.Message.Payload) : QueryOf(webhook.Url);
        var signature = webhook.Signatures.Sign(new SigningInput
        {
            MessageId = job.Message.Id.ToString(),
            SentAt = sentAt,
            Content = body.Span,
            Headers = webhook.OpenedHeaders,
            Event = e,
        });
        if (traceparent is { } header)
        {
            signature = new[] { header }.Concat(signature).ToArray();
        }

        var headers = RequestHeaders.Compose(
            job.Message.Id, job.Id, job.AttemptNumber, job.Message.Type, hasBody, webhook.CustomHeaders, signature.AsSpan(),
            webhook.Shape?.ContentType ?? RequestHeaders.ContentType, job.Sequence);
        var request = new OutgoingRequest(webhook.Url, configuration.Method, headers, hasBody ? body : null, timeout) { Options = webhook.SendOptions, Message = MessageOf(job, webhook) };
        return new(sentAt, request, signature);
    }

    public static SignedRequest Unmade(DateTimeOffset now) => new(WholeMilliseconds(now), null, default);

    /// <summary>Null where it goes by HTTP.</summary>
    private static OutgoingMessage? MessageOf(DeliveryJob job, RoutedWebhook webhook) => webhook.Target is not { } target ? null : new(
        target,
        job.Message.Type,
        // A queue drops what it has seen, and so would drop what somebody asks for once more.
        job.State.Series.ResentAt is { } resent ? $"{job.Id}-{resent.ToUnixTimeMilliseconds()}" : job.Id.ToString(),
        job.OrderingKey);

    private static byte[] QueryOf(Uri url) => url.Query.Length == 0 ? [] : Encoding.UTF8.GetBytes(url.Query[1..]);

    // Signatures carry milliseconds at the finest, and the log says what was signed.
    private static DateTimeOffset WholeMilliseconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
