using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>Why no connection was made. Carries its class through the HTTP client, which wraps whatever dialling throws.</summary>
internal sealed class DialException(FailureClass failure, string detail, Exception? cause = null) : Exception(detail, cause)
{
    public FailureClass Failure { get; } = failure;
}
