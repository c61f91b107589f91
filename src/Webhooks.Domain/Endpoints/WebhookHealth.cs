using System.Text.Json.Serialization;

namespace Webhooks.Domain.Endpoints;

/// <summary>How a webhook has taken what it was sent, as its stream tells it.</summary>
/// <param name="Since">The database's time of the change; null where it was not told.</param>
/// <param name="FailingSince">The first failure that no success followed; null where none was told.</param>
/// <param name="ConsecutiveFailures">Failures in a row when it changed; null where none were told.</param>
public sealed record WebhookHealth(HealthState State, DateTimeOffset? Since = null, DateTimeOffset? FailingSince = null, int? ConsecutiveFailures = null)
{
    /// <summary>As a webhook starts, and as it is after it was enabled by hand.</summary>
    public static readonly WebhookHealth Healthy = new(HealthState.Healthy);

    /// <summary>Null where nothing is known but that it is healthy: most webhooks, which so cost no byte.</summary>
    public static WebhookHealth? After(WebhookHealth? health, WebhookFact fact) => fact switch
    {
        WebhookDegraded f => new(HealthState.Degraded, f.At, f.FailingSince, f.ConsecutiveFailures),
        WebhookPaused f => new(HealthState.Paused, f.At, f.FailingSince, f.ConsecutiveFailures),
        WebhookRecovered f => new(HealthState.Healthy, f.At),
        WebhookDisabled f => new(HealthState.Disabled, f.At, f.FailingSince, f.ConsecutiveFailures),
        WebhookEnabled => null,
        _ => health,
    };
}

[JsonConverter(typeof(JsonStringEnumConverter<HealthState>))]
public enum HealthState
{
    /// <summary>It takes what it is sent.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>It fails often. It is sent everything all the same.</summary>
    [JsonStringEnumMemberName("degraded")]
    Degraded,

    /// <summary>It has failed so long that its deliveries are parked; a probe now and then finds out whether it is back.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    /// <summary>It takes nothing until somebody enables it.</summary>
    [JsonStringEnumMemberName("disabled")]
    Disabled,
}
