using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Recovery;
using Webhooks.Delivery.Routing;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Dispatch;

/// <summary>One attempt from the pump's hand to the log: sign, send, decide, append. Holds no connection while it sends.</summary>
public sealed class DeliveryAttempts(
    RoutingDirectory routing, ShardLeases shards, EgressClient egress, OutcomeRecorder recorder, AttemptWaiters waiters, DueSignal due,
    DatabaseClock clock, DeliveryOptions options, TimeProvider time, ILogger<DeliveryAttempts> log)
{
    private static readonly SendResult Unreadable =
        new(null, FailureClass.Internal, "The body can't be made as the webhook's filter, shape and signature scheme ask for; nothing was sent.", [], [], false, TimeSpan.Zero);

    public async Task Attempt(DeliveryJob job, PumpSlot slot)
    {
        try
        {
            if (!shards.Holds(job.Shard, job.Epoch))
            {
                // Another node may have sent it by now. Where none has, its row is made due.
                due.Stranded(job.Id);
                return;
            }

            var picture = await routing.For(job.Message.Company);
            var after = picture.Find(job.Webhook) switch
            {
                null => await recorder.Record(job, s => DeliveryState.Decide(s, new CancelDelivery(CancelledReason.WebhookDeleted))),
                { Status: WebhookStatus.Disabled } when job.Message.Type != EventTypes.Test =>
                    await recorder.Record(job, s => DeliveryState.Decide(s, new DeferDelivery(DeferredReason.WebhookDisabled))),
                var webhook => await SendAndRecord(job, webhook, slot),
            };

            if (after?.NextAttemptAt is { } next)
            {
                due.At(next);
            }
        }
        catch (Exception e)
        {
            // The row is still in the queue; it goes out again when the shard is next loaded. What must not happen is that the pump stops.
            log.LogError(e, "An attempt of {Delivery} ended in a fault of our own", job.Id);
            due.Stranded(job.Id);
        }
        finally
        {
            waiters.Done(job.Id);
        }
    }

    private async Task<DeliveryState?> SendAndRecord(DeliveryJob job, RoutedWebhook webhook, PumpSlot slot)
    {
        var sentAt = WholeMilliseconds(time.GetUtcNow());
        // Before the request is prepared: its traceparent names the span.
        using var span = Traces.Attempt(job);
        var (request, signature) = Prepare(job, webhook, sentAt);
        var result = request is null ? Unreadable : await egress.Send(request, CancellationToken.None);
        Traces.Ended(span, result);
        slot.Release();

        var attempt = new Attempt(
            job.AttemptNumber, sentAt, (long)result.Duration.TotalMicroseconds, result.StatusCode, result.Failure, result.Detail, webhook.Version,
            signature, result.ResponseHeaders, result.ResponseBody.Length > 0 || result.ResponseTruncated ? new ResponseBody(result.ResponseBody.Length, result.ResponseTruncated) : null);
        var configuration = webhook.Configuration;
        var command = new RecordAttempt(
            attempt,
            job.Message.Type == EventTypes.Test ? 1 : configuration.MaxAttempts,
            configuration.RetryPolicy ?? options.DefaultRetryPolicy,
            clock.Now,
            Random.Shared.NextDouble());
        return await recorder.Record(job, s => DeliveryState.Decide(s, command), result.ResponseBody);
    }

    /// <returns>No request where what the webhook asks for can't be made.</returns>
    private (OutgoingRequest? Request, EquatableArray<Header> Signature) Prepare(DeliveryJob job, RoutedWebhook webhook, DateTimeOffset sentAt)
    {
        var configuration = webhook.Configuration;
        var hasBody = configuration.Method != "GET";
        if (webhook.IsUnreadable || TryBody(job, webhook, sentAt, hasBody) is not { } body)
        {
            return (null, default);
        }

        var signature = RequestSigner.Sign(configuration.SignatureScheme, new SigningInput
        {
            MessageId = job.Message.Id.ToString(),
            SentAt = sentAt,
            Content = body.Span,
            Headers = webhook.OpenedHeaders,
            Keys = webhook.KeysAt(sentAt),
        });
        if (configuration.Transport?.Traceparent ?? egress.Traceparent)
        {
            var span = Activity.Current is { Source.Name: "Webhooks", OperationName: "webhooks.attempt" } current ? current : null;
            signature = new Header[] { Traceparent.Of(span, job.Message.Id, job.Id, job.AttemptNumber) }.Concat(signature).ToArray();
        }

        var headers = RequestHeaders.Compose(
            job.Message.Id, job.Id, job.AttemptNumber, job.Message.Type, hasBody, webhook.CustomHeaders, signature.AsSpan(),
            webhook.Shape?.ContentType ?? RequestHeaders.ContentType);
        return (new OutgoingRequest(webhook.Url, configuration.Method, headers, hasBody ? body : null, webhook.Timeout) { Options = webhook.SendOptions }, signature);
    }

    /// <summary>Null where it would be nested too deeply for its scheme.</summary>
    private static ReadOnlyMemory<byte>? TryBody(DeliveryJob job, RoutedWebhook webhook, DateTimeOffset sentAt, bool hasBody)
    {
        if (!hasBody)
        {
            return QueryOf(webhook.Url);
        }

        var message = job.Message;
        var e = new ShapedEvent(message.Id, message.Type, message.EmittedAt, message.Company, job.Webhook, job.Id, job.AttemptNumber, sentAt);
        try
        {
            return RequestBody.Compose(webhook.Configuration.SignatureScheme, webhook.Shape, e, message.Payload);
        }
        catch (JsonTooDeepException)
        {
            return null;
        }
    }

    private static byte[] QueryOf(Uri url) => url.Query.Length == 0 ? [] : Encoding.UTF8.GetBytes(url.Query[1..]);

    // Signatures carry milliseconds at the finest, and the log says what was signed.
    private static DateTimeOffset WholeMilliseconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
