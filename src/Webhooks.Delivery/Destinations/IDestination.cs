using Webhooks.Delivery.Sending;

namespace Webhooks.Delivery.Destinations;

/// <summary>
/// One kind of place where events go: HTTP, or a queue. It hands over what is signed and ready, and says how that went;
/// retries, limits, health and the audit are none of its business. See docs/adding-a-destination.md.
/// </summary>
public interface IDestination
{
    /// <summary>Sends once; never again by itself, unless the other side has said that it took nothing for a reason that may not be the message's.</summary>
    /// <returns>The outcome, whatever the other side does: a success only where it has said that it has the message.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled; whether the message arrived is unknown.</exception>
    Task<SendResult> Send(OutgoingRequest request, CancellationToken ct);
}
