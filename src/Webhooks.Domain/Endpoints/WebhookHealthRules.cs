namespace Webhooks.Domain.Endpoints;

/// <summary>When a webhook's health changes. Counts are those of one node: of several, each sees its share.</summary>
public sealed record WebhookHealthRules
{
    /// <summary>Failures in a row from which on it is degraded: 1 to 10,000.</summary>
    public int DegradedAfterFailures { get; init; } = 5;

    /// <summary>Share of failures among the attempts of <see cref="DegradedWindow"/> from which on it is degraded: 0.01 to 1.</summary>
    public double DegradedFailureShare { get; init; } = 0.5;

    /// <summary>How far back the share looks: 1 s to 1 day, and at most <see cref="WebhookHealthTally.MaxRecent"/> attempts.</summary>
    public TimeSpan DegradedWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Successes in a row after which a degraded one has recovered: 1 to 10,000.</summary>
    public int RecoveredAfterSuccesses { get; init; } = 5;

    /// <summary>Failures in a row from which on it is paused, if they last <see cref="PausedAfter"/>: at least <see cref="DegradedAfterFailures"/>.</summary>
    public int PausedAfterFailures { get; init; } = 20;

    /// <summary>How long it must have failed to be paused: a burst of failures within a moment is no outage.</summary>
    public TimeSpan PausedAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>From the pause to the first probe, and doubled from probe to probe up to <see cref="MaxProbeInterval"/>.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan MaxProbeInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a webhook may fail without one success before a failed probe disables it.</summary>
    public TimeSpan DisabledAfter { get; init; } = TimeSpan.FromDays(5);

    /// <summary>How long to wait after a probe.</summary>
    /// <param name="probes">Probes sent in this pause, from 0.</param>
    public TimeSpan ProbeDelay(int probes) =>
        TimeSpan.FromTicks((long)Math.Min(MaxProbeInterval.Ticks, ProbeInterval.Ticks * Math.Pow(2, probes)));
}
