using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Webhooks.Delivery.Health;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Hosting;

/// <summary>When webhooks that fail are degraded, paused and disabled, and how what was parked for them goes out again.</summary>
public sealed class HealthSettings : IValidatableObject
{
    private const int SecondsPerDay = 24 * 60 * 60;
    private const int HoursPerYear = 366 * 24;

    [Description("Failures in a row after which a webhook is degraded.")]
    [Range(1, 10_000)]
    public int DegradedAfterFailures { get; set; } = 5;

    [Description("Share of failures among a webhook's last attempts (20 to 50 of them, within DegradedWindowSeconds) from which on it is degraded.")]
    [Range(0.01, 1.0)]
    public double DegradedFailureShare { get; set; } = 0.5;

    [Description("Seconds that DegradedFailureShare looks back.")]
    [Range(1, SecondsPerDay)]
    public int DegradedWindowSeconds { get; set; } = 300;

    [Description("Successes in a row after which a degraded webhook is healthy.")]
    [Range(1, 10_000)]
    public int RecoveredAfterSuccesses { get; set; } = 5;

    [Description("Failures in a row after which a webhook is paused; at least DegradedAfterFailures.")]
    [Range(1, 100_000)]
    public int PausedAfterFailures { get; set; } = 20;

    [Description("Seconds over which those failures must reach for it to be paused.")]
    [Range(0, SecondsPerDay)]
    public int PausedAfterSeconds { get; set; } = 60;

    [Description("Seconds from the pause to the first probe; doubled from probe to probe.")]
    [Range(1, SecondsPerDay)]
    public int ProbeSeconds { get; set; } = 30;

    [Description("Seconds from one probe to the next at most; at least ProbeSeconds.")]
    [Range(1, SecondsPerDay)]
    public int MaxProbeSeconds { get; set; } = 15 * 60;

    [Description("Hours without one success after which a failed probe disables a paused webhook.")]
    [Range(1, HoursPerYear)]
    public int DisabledAfterHours { get; set; } = 5 * 24;

    [Description("Parked deliveries that go out at first when a webhook is back; every further chunk is twice as large.")]
    [Range(1, 100_000)]
    public int DrainFirstChunk { get; set; } = 10;

    [Description("Parked deliveries of one webhook that go out at a time at most; at least DrainFirstChunk.")]
    [Range(1, 100_000)]
    public int DrainMaxChunk { get; set; } = 2000;

    [Description("Milliseconds from one chunk to the next at least.")]
    [Range(10, 60_000)]
    public int DrainIntervalMs { get; set; } = 500;

    [Description("Deliveries parked for one webhook at most; beyond it the oldest end as exhausted.")]
    [Range(1, 100_000_000)]
    public int MaxParked { get; set; } = 1_000_000;

    [Description("Hours that a delivery is parked at most; then it ends as exhausted.")]
    [Range(1, HoursPerYear)]
    public int MaxParkedHours { get; set; } = 14 * 24;

    public HealthOptions ForNode() => new()
    {
        Rules = new WebhookHealthRules
        {
            DegradedAfterFailures = DegradedAfterFailures,
            DegradedFailureShare = DegradedFailureShare,
            DegradedWindow = TimeSpan.FromSeconds(DegradedWindowSeconds),
            RecoveredAfterSuccesses = RecoveredAfterSuccesses,
            PausedAfterFailures = PausedAfterFailures,
            PausedAfter = TimeSpan.FromSeconds(PausedAfterSeconds),
            ProbeInterval = TimeSpan.FromSeconds(ProbeSeconds),
            MaxProbeInterval = TimeSpan.FromSeconds(MaxProbeSeconds),
            DisabledAfter = TimeSpan.FromHours(DisabledAfterHours),
        },
        DrainFirstChunk = DrainFirstChunk,
        DrainMaxChunk = DrainMaxChunk,
        DrainInterval = TimeSpan.FromMilliseconds(DrainIntervalMs),
        MaxParked = MaxParked,
        MaxParkedAge = TimeSpan.FromHours(MaxParkedHours),
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PausedAfterFailures < DegradedAfterFailures)
        {
            yield return new ValidationResult($"must be at least {nameof(DegradedAfterFailures)}", [nameof(PausedAfterFailures)]);
        }

        if (MaxProbeSeconds < ProbeSeconds)
        {
            yield return new ValidationResult($"must be at least {nameof(ProbeSeconds)}", [nameof(MaxProbeSeconds)]);
        }

        if (DrainMaxChunk < DrainFirstChunk)
        {
            yield return new ValidationResult($"must be at least {nameof(DrainFirstChunk)}", [nameof(DrainMaxChunk)]);
        }
    }
}
