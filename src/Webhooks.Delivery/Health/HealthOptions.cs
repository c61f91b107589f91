using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Health;

/// <summary>When a webhook is paused, and how what was parked for it goes out again. Bounds are checked where the settings are read.</summary>
public sealed record HealthOptions
{
    public WebhookHealthRules Rules { get; init; } = new();

    /// <summary>Parked deliveries released at first when a webhook is back: 1 to 100,000. Every further chunk is twice as large.</summary>
    public int DrainFirstChunk { get; init; } = 10;

    /// <summary>Parked deliveries of one webhook released at a time at most: at least <see cref="DrainFirstChunk"/>.</summary>
    public int DrainMaxChunk { get; init; } = 2000;

    /// <summary>From one chunk to the next at least: 10 ms to 60 s.</summary>
    public TimeSpan DrainInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Deliveries parked for one webhook at most: 1 to 100 million. Beyond it the oldest end as exhausted.</summary>
    public int MaxParked { get; init; } = 1_000_000;

    /// <summary>How long a delivery is parked at most: 1 minute to 366 days. Then it ends as exhausted.</summary>
    public TimeSpan MaxParkedAge { get; init; } = TimeSpan.FromDays(14);

    /// <param name="last">Size of the chunk before; 0 before the first.</param>
    public int NextChunk(int last) => last == 0 ? DrainFirstChunk : (int)Math.Min(DrainMaxChunk, 2L * last);
}
