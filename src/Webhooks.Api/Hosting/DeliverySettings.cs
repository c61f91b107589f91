using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Webhooks.Delivery;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Hosting;

/// <summary>How deliveries are made where a webhook does not say otherwise, and how many at once.</summary>
public sealed class DeliverySettings : IValidatableObject
{
    [Description("Attempts before a delivery is exhausted, for webhooks that name no number.")]
    [Range(1, 50)]
    public int MaxAttempts { get; set; } = 10;

    [Description("Milliseconds that one attempt may take over connect, TLS, headers and body, for webhooks that name none.")]
    [Range(100, 60_000)]
    public int TimeoutMs { get; set; } = 15_000;

    [Description("Retry policy for webhooks and companies without one, by its name; in place of RetryBaseMs, RetryFactor, RetryCapMs and RetryJitter.")]
    public RetryPreset? RetryPreset { get; set; }

    [Description("Milliseconds to wait after the first failed attempt, for webhooks without a retry policy.")]
    [Range(1L, RetryPolicy.MaxDelayMs)]
    public long RetryBaseMs { get; set; } = 10_000;

    [Description("What the wait is multiplied by after each further failure.")]
    [Range(1.0, 10.0)]
    public double RetryFactor { get; set; } = 3;

    [Description("Milliseconds that a wait has at most, jitter aside; at least RetryBaseMs.")]
    [Range(1L, RetryPolicy.MaxDelayMs)]
    public long RetryCapMs { get; set; } = 12L * 60 * 60 * 1000;

    [Description("Share of itself by which a wait is lengthened at random: 0.2 adds up to 20 %.")]
    [Range(0.0, 1.0)]
    public double RetryJitter { get; set; } = 0.2;

    [Description("Requests under way at a time on this node.")]
    [Range(1, 10_000)]
    public int MaxInFlight { get; set; } = 512;

    [Description("Requests under way at a time to one webhook that names no limit, from all nodes together.")]
    [Range(1, 1000)]
    public int MaxInFlightPerWebhook { get; set; } = 64;

    [Description("Requests that may begin in a second to one webhook that names no rate, from all nodes together; 0 for as many as it answers.")]
    [Range(0, RateLimit.MostPerSecond)]
    public int MaxPerSecondPerWebhook { get; set; }

    [Description("Deliveries held in memory on this node; further ones wait in the database.")]
    [Range(100, 1_000_000)]
    public int MaxInMemory { get; set; } = 20_000;

    [Description("Bytes of payload held in memory by waiting deliveries on this node; further ones wait in the database.")]
    [Range(1024L * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxInMemoryBytes { get; set; } = 64 * 1024 * 1024;

    [Description("Events waiting to be saved on this node, beyond which new ones are refused with 503.")]
    [Range(100, 1_000_000)]
    public int MaxWaitingAppends { get; set; } = 10_000;

    [Description("Bytes of payload waiting to be saved on this node, beyond which new events are refused with 503.")]
    [Range(1024L * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxWaitingAppendBytes { get; set; } = 64 * 1024 * 1024;

    [Description("Seconds that an event waits to be saved, and any request for its key to be read, before it is answered with 503.")]
    [Range(1, 300)]
    public int AcceptSeconds { get; set; } = 5;

    [Description("Seconds without a sign of life after which another node takes over this node's deliveries.")]
    [Range(1, 300)]
    public int LeaseSeconds { get; set; } = 5;

    [Description("Milliseconds between looks for due work, where a wake-up was lost.")]
    [Range(50, 60_000)]
    public int PollMs { get; set; } = 1000;

    [Description("Seconds that a stopping node waits for requests under way.")]
    [Range(0, 300)]
    public int DrainSeconds { get; set; } = 10;

    /// <summary>The installation's retry policy.</summary>
    public RetryPolicy DefaultRetryPolicy() => RetryPreset is { } preset ? new PresetRetry(preset) : new ExponentialRetry(RetryBaseMs, RetryFactor, RetryCapMs, RetryJitter);

    public DeliveryOptions ForNode(bool delivers) => new()
    {
        DefaultRetryPolicy = DefaultRetryPolicy(),
        MaxInFlight = MaxInFlight,
        MaxInFlightPerWebhook = MaxInFlightPerWebhook,
        RatePerWebhook = MaxPerSecondPerWebhook > 0 ? new RateLimit(MaxPerSecondPerWebhook, RatePeriod.Second) : null,
        MaxInMemory = MaxInMemory,
        MaxInMemoryBytes = MaxInMemoryBytes,
        MaxWaitingAppends = MaxWaitingAppends,
        MaxWaitingAppendBytes = MaxWaitingAppendBytes,
        AcceptTimeout = TimeSpan.FromSeconds(AcceptSeconds),
        Lease = TimeSpan.FromSeconds(LeaseSeconds),
        Poll = TimeSpan.FromMilliseconds(PollMs),
        Drain = TimeSpan.FromSeconds(DrainSeconds),
        Delivers = delivers,
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RetryCapMs < RetryBaseMs)
        {
            yield return new ValidationResult($"must be at least {nameof(RetryBaseMs)}", [nameof(RetryCapMs)]);
        }
    }
}
