using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>A webhook's health on the wire.</summary>
/// <param name="Since">Left out while it is as it was created, or as it was enabled by hand.</param>
/// <param name="FailingSince">The first failure that no success followed; left out while it is healthy.</param>
/// <param name="ConsecutiveFailures">In a row, when it came to this state.</param>
/// <param name="NextProbeAt">When the oldest parked delivery is sent alone; only while it is paused.</param>
public sealed record HealthAnswer(HealthState State, DateTimeOffset? Since, DateTimeOffset? FailingSince, int? ConsecutiveFailures, DateTimeOffset? NextProbeAt)
{
    internal static HealthAnswer Of(WebhookView view)
    {
        var health = view.State.Health ?? WebhookHealth.Healthy;
        return new(
            view.State.Status == WebhookStatus.Disabled ? HealthState.Disabled : health.State, health.Since, health.FailingSince, health.ConsecutiveFailures, view.NextProbeAt);
    }
}
