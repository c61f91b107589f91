using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Recovery;
using Webhooks.Delivery.Routing;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Shaping;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Dispatch;

/// <summary>One attempt from the pump's hand to the log: sign, send, decide, append. Holds no connection while it sends.</summary>
public sealed class DeliveryAttempts(
    RoutingDirectory routing, ShardLeases shards, EgressClient egress, DestinationSet destinations, OutcomeRecorder recorder, ReceiverDisabling disabling, AttemptWaiters waiters, DueSignal due, HealthWatch health, Probes probes,
    DatabaseClock clock, DeliveryOptions options, TimeProvider time, ILogger<DeliveryAttempts> log)
{
    private static readonly SendResult Unmakable =
        new(null, FailureClass.Internal, "The body can't be made as the webhook's filter, shape and signature scheme ask for; nothing was sent.", [], [], false, TimeSpan.Zero);

    /// <summary>A signature that is held for so long by a wait is made anew, where receivers take none that is old.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(10);

    /// <returns>The state after it; null where nothing was recorded, and its row is made due again where that is called for.</returns>
    public async Task<DeliveryState?> Attempt(DeliveryJob job, PumpSlot slot)
    {
        if (!shards.TryBegin(job))
        {
            // Whoever holds its shard now loads its row, and may have sent it by now.
            waiters.Done(job.Id);
            return null;
        }

        try
        {
            var picture = await routing.For(job.Message.Company);
            if (InsteadOfSending(job, picture.Find(job.Webhook)) is not null)
            {
                // It may have been released because the webhook is back, which this node has yet to hear of: parked again, it would wait for long.
                picture = await routing.Fresh(picture);
            }

            var webhook = picture.Find(job.Webhook);
            var after = InsteadOfSending(job, webhook) is { } instead
                ? await recorder.Record(job, s => DeliveryState.Decide(s, instead))
                : await SendAndRecord(job, webhook!, webhook!.Configuration.RetryPolicy ?? picture.DefaultRetryPolicy ?? options.DefaultRetryPolicy, slot);

            if (after is { Status: DeliveryStatus.Parked } or { NextAttemptAt: not null } && routing.Present(job.Message.Company) is { } now && now.Find(job.Webhook) is null)
            {
                // Deleted while it was under way: what waits for it was looked for already.
                after = await recorder.Record(job, static s => DeliveryState.Decide(s, new CancelDelivery(CancelledReason.WebhookDeleted))) ?? after;
            }

            if (after?.NextAttemptAt is { } next)
            {
                due.At(next);
            }

            return after;
        }
        catch (Exception e)
        {
            // The row is still in the queue, and made due again. What must not happen is that the pump stops.
            log.LogError(e, "An attempt of {Delivery} ended in a fault of our own", job.Id);
            Strand(job);
            return null;
        }
        finally
        {
            shards.End(job);
            waiters.Done(job.Id);
        }
    }

    /// <returns>Null where the webhook is there and takes it.</returns>
    private static DeliveryCommand? InsteadOfSending(DeliveryJob job, RoutedWebhook? webhook) => webhook switch
    {
        null => new CancelDelivery(CancelledReason.WebhookDeleted),
        { Status: WebhookStatus.Disabled } when job.Message.Type != EventTypes.Test => new DeferDelivery(DeferredReason.WebhookDisabled),
        { IsPaused: true } when !job.IsProbe && job.Message.Type != EventTypes.Test => new DeferDelivery(DeferredReason.WebhookPaused),
        _ => null,
    };

    // An ordered one is put back together with those behind it.
    private void Strand(DeliveryJob job)
    {
        if (job.OrderingKey is null)
        {
            due.Stranded(job);
        }
    }

    private async Task<DeliveryState?> SendAndRecord(DeliveryJob job, RoutedWebhook webhook, RetryPolicy policy, PumpSlot slot)
    {
        if (job.State.TimeoutAt(webhook.Timeout, policy, job.DueFrom, clock.Now) is not { } timeout)
        {
            return await GiveUp(job, webhook, policy);
        }

        var (result, sent) = await Send(job, webhook, timeout);
        slot.Release(OutcomeOf(result));

        var attempt = new Attempt(
            job.AttemptNumber, sent.SentAt, (long)result.Duration.TotalMicroseconds, result.StatusCode, result.Failure, result.Detail, webhook.Version,
            sent.Signature, result.ResponseHeaders, result.ResponseBody.Length > 0 || result.ResponseTruncated ? new ResponseBody(result.ResponseBody.Length, result.ResponseTruncated) : null);
        var isTest = job.Message.Type == EventTypes.Test;
        var command = new RecordAttempt(attempt, webhook.Configuration.MaxAttempts, policy, clock.Now, Random.Shared.NextDouble())
        {
            EmittedAt = job.DueFrom,
            Single = isTest,
            BlocksKeyWhenExhausted = BlocksKey(job, webhook),
        };
        var after = await recorder.Record(job, s => job.IsProbe && webhook.IsPaused ? Probe.Decide(s, command) : DeliveryState.Decide(s, command), result.ResponseBody);
        health.Saw(job, webhook, attempt);
        if (!isTest && ReceiverReply.Of(attempt).Disables)
        {
            await disabling.Disable(job.Message.Company, webhook.Id, webhook.Configuration.Url, attempt.StatusCode, job.Message.Id);
        }

        return after;
    }

    // A receiver that refuses a delivery for its content is as strong as one that takes it.
    private static LaneOutcome OutcomeOf(SendResult result) => result switch
    {
        { Failure: null } => LaneOutcome.Coped,
        { Failure: FailureClass.Internal or FailureClass.Proxy or FailureClass.Blocked } => LaneOutcome.None,
        { Failure: FailureClass.Status, StatusCode: < 500 and not (408 or 425 or 429) } => LaneOutcome.Coped,
        _ => LaneOutcome.Struggled,
    };

    private static bool BlocksKey(DeliveryJob job, RoutedWebhook webhook) =>
        job.OrderingKey is not null && webhook.Configuration is { Ordering: OrderingMode.Strict, OnExhausted: OnExhausted.Block };

    /// <summary>A request that can't even be made is an attempt too, of ours: recorded, and tried again as the policy says.</summary>
    private async Task<(SendResult Result, SignedRequest Sent)> Send(DeliveryJob job, RoutedWebhook webhook, TimeSpan timeout)
    {
        // Before the request is made: its traceparent names the span.
        using var span = Traces.Attempt(job);
        var sent = SignedRequest.Unmade(time.GetUtcNow());
        try
        {
            Header? traceparent = webhook.Configuration.Transport?.Traceparent ?? egress.Traceparent ? Traceparent.Of(span, job.Message.Id, job.Id, job.AttemptNumber) : null;
            SignedRequest Sign() => SignedRequest.Make(job, webhook, time.GetUtcNow(), timeout, traceparent);
            sent = Sign();
            var request = sent.Request;
            if (request is not null && webhook.Signatures.AreShortLived)
            {
                request = request with { Renew = () => time.GetUtcNow() - sent.SentAt > Fresh ? (sent = Sign()).Request : null };
            }

            var result = request is null ? Unmakable : await destinations.For(webhook.Target).Send(request, CancellationToken.None);
            Traces.Ended(span, result);
            return (result, sent);
        }
        catch (BodyTooLargeException e)
        {
            // What the webhook asks for, and no fault of ours that would be over at the next try: it spends an attempt.
            var refused = Refused(e);
            Traces.Ended(span, refused);
            return (refused, SignedRequest.Unmade(sent.SentAt));
        }
        catch (Exception e)
        {
            log.LogError(e, "The request for {Delivery} could not be made", job.Id);
            return (new SendResult(null, FailureClass.Internal, "The request could not be made.", [], [], false, TimeSpan.Zero), SignedRequest.Unmade(sent.SentAt));
        }
    }

    private static SendResult Refused(BodyTooLargeException e) => new(null, FailureClass.Blocked, $"{e.Message} Nothing was sent.", [], [], false, TimeSpan.Zero);

    private async Task<DeliveryState?> GiveUp(DeliveryJob job, RoutedWebhook webhook, RetryPolicy policy)
    {
        var command = new GiveUpDelivery(policy, job.DueFrom, clock.Now) { BlocksKeyWhenExhausted = BlocksKey(job, webhook) };
        var after = await recorder.Record(job, s => DeliveryState.Decide(s, command));
        if (after is null)
        {
            // Its stream has moved, so that it may be tried after all: it comes back with what the stream says.
            Strand(job);
        }

        if (job.IsProbe)
        {
            await probes.SendNext(job.Webhook);
        }

        return after;
    }
}
