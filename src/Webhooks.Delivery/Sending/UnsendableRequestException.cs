using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>The request must not leave as it stands; nothing was dialled.</summary>
internal sealed class UnsendableRequestException(FailureClass failure, string detail) : Exception(detail)
{
    public FailureClass Failure { get; } = failure;
}
