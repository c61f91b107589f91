using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Accepting;

/// <summary>Sends a test event to one webhook, once, and waits for the end of the attempt. It goes the way of every event, so it stands in the log too.</summary>
public sealed class TestDeliveries(EventAcceptance acceptance, AttemptWaiters waiters, PostgresEventStore store)
{
    // Where another node makes the attempt, nobody tells: the stream is looked at from time to time, and the more seldom the longer it takes.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(2);

    /// <param name="timeout">Of the whole: the webhook's own deadline and something for the queue.</param>
    /// <returns>The delivery, and whether its attempt was over in time.</returns>
    public async Task<(EmitOutcome Emitted, bool Attempted)> Send(CompanyId company, WebhookId webhook, byte[] payload, ApiKeyId? actor, Guid correlation, TimeSpan timeout, CancellationToken ct)
    {
        var emitted = await acceptance.Emit(new EventToEmit(company, EventTypes.Test, payload, null, actor, correlation, webhook), ct);
        return emitted is EmitOutcome.Accepted { Deliveries: [var delivery] }
            ? (emitted, await Attempted(delivery, timeout, ct))
            : (emitted, false);
    }

    private async Task<bool> Attempted(DeliveryId delivery, TimeSpan timeout, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(timeout);
        try
        {
            for (var look = FirstLook; ; look = look < LastLook ? look * 1.5 : LastLook)
            {
                var over = waiters.For(delivery);
                if (await IsRecorded(delivery, deadline.Token))
                {
                    return true;
                }

                await Task.WhenAny(over, Task.Delay(look, deadline.Token));
                deadline.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            waiters.Forget(delivery);
        }
    }

    private async Task<bool> IsRecorded(DeliveryId delivery, CancellationToken ct)
    {
        try
        {
            return (await store.ReadStream(delivery.Value, 1, 1, ct)).Count > 0;
        }
        catch (DatabaseUnavailableException)
        {
            // The event was accepted; how its attempt ended is asked again until the time is over.
            return false;
        }
    }
}
