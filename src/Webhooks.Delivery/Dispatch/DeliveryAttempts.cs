using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Recovery;
using Webhooks.Delivery.Routing;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Dispatch;

/// <summary>One attempt from the pump's hand to the log: sign, send, decide, append. Holds no connection while it sends.</summary>
public sealed class DeliveryAttempts(
    RoutingDirectory routing, ShardLeases shards, EgressClient egress, OutcomeRecorder recorder, AttemptWaiters waiters, DueSignal due,
    DatabaseClock clock, DeliveryOptions options, TimeProvider time, ILogger<DeliveryAttempts> log)
{
    public async Task Attempt(DeliveryJob job, PumpSlot slot)
    {
        if (!shards.TryBegin(job))
        {
            // Whoever holds its shard now loads its row, and may have sent it by now.
            waiters.Done(job.Id);
            return;
        }

        try
        {
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
            // The row is still in the queue, and made due again. What must not happen is that the pump stops.
            log.LogError(e, "An attempt of {Delivery} ended in a fault of our own", job.Id);
            due.Stranded(job);
        }
        finally
        {
            shards.End(job);
            waiters.Done(job.Id);
        }
    }

    private async Task<DeliveryState?> SendAndRecord(DeliveryJob job, RoutedWebhook webhook, PumpSlot slot)
    {
        var sentAt = WholeMilliseconds(time.GetUtcNow());
        var (request, signature) = Prepare(job, webhook, sentAt);
        var result = await egress.Send(request, CancellationToken.None);
        slot.Release(OutcomeOf(result));

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

    // A receiver that refuses a delivery for its content is as strong as one that takes it.
    private static LaneOutcome OutcomeOf(SendResult result) => result switch
    {
        { Failure: null } => LaneOutcome.Coped,
        { Failure: FailureClass.Internal or FailureClass.Blocked } => LaneOutcome.None,
        { Failure: FailureClass.Status, StatusCode: < 500 and not (408 or 425 or 429) } => LaneOutcome.Coped,
        _ => LaneOutcome.Struggled,
    };

    private static (OutgoingRequest Request, EquatableArray<Header> Signature) Prepare(DeliveryJob job, RoutedWebhook webhook, DateTimeOffset sentAt)
    {
        var configuration = webhook.Configuration;
        var hasBody = configuration.Method != "GET";
        var body = hasBody ? Body(job, configuration.SignatureScheme, sentAt) : QueryOf(webhook.Url);
        var signature = RequestSigner.Sign(configuration.SignatureScheme, new SigningInput
        {
            MessageId = job.Message.Id.ToString(),
            SentAt = sentAt,
            Content = body.Span,
            Headers = webhook.OpenedHeaders,
            Keys = webhook.KeysAt(sentAt),
        });
        var headers = RequestHeaders.Compose(
            job.Message.Id, job.Id, job.AttemptNumber, job.Message.Type, hasBody, webhook.CustomHeaders, signature.AsSpan());
        return (new OutgoingRequest(webhook.Url, configuration.Method, headers, hasBody ? body : null, webhook.Timeout), signature);
    }

    private static ReadOnlyMemory<byte> Body(DeliveryJob job, SignatureScheme scheme, DateTimeOffset sentAt)
    {
        if (scheme != SignatureScheme.Streem)
        {
            return job.Message.Payload;
        }

        var body = new ArrayBufferWriter<byte>(job.Message.Payload.Length + 128);
        StreemBody.Write(body, sentAt, job.Message.Type, job.Message.Payload);
        return body.WrittenMemory;
    }

    private static byte[] QueryOf(Uri url) => url.Query.Length == 0 ? [] : Encoding.UTF8.GetBytes(url.Query[1..]);

    // Signatures carry milliseconds at the finest, and the log says what was signed.
    private static DateTimeOffset WholeMilliseconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
