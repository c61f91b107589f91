using Webhooks.Delivery.Health;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery;

/// <summary>How this node delivers. Bounds are checked where the settings are read.</summary>
public sealed record DeliveryOptions
{
    /// <summary>Used where a webhook has no policy of its own: about a day over ten attempts.</summary>
    public RetryPolicy DefaultRetryPolicy { get; init; } = new ExponentialRetry(BaseMs: 10_000, Factor: 3, CapMs: 12 * 60 * 60 * 1000, Jitter: 0.2);

    /// <summary>Requests under way at a time on this node: 1 to 10,000.</summary>
    public int MaxInFlight { get; init; } = 512;

    /// <summary>Requests under way at a time to one webhook without limits of its own, from all nodes together: 1 to 1,000, and at least one from each node.</summary>
    public int MaxInFlightPerWebhook { get; init; } = 64;

    /// <summary>How fast requests to one webhook without a rate limit of its own may begin, on all nodes together. Null: as fast as it answers.</summary>
    public RateLimit? RatePerWebhook { get; init; }

    /// <summary>Deliveries held in memory: 100 to 1,000,000. What does not fit waits in the queue table.</summary>
    public int MaxInMemory { get; init; } = 20_000;

    /// <summary>Payload bytes held in memory by waiting deliveries, shared payloads counted once per delivery.</summary>
    public long MaxInMemoryBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a node keeps its shards without a sign of life: 1 to 300 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stopping node waits for requests under way: 0 to 300 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Polling where a wake-up was lost: 50 ms to 60 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Accepts waiting for the append writer beyond which new ones are refused with 503: 100 to 1,000,000.</summary>
    public int MaxWaitingAppends { get; init; } = 10_000;

    /// <summary>When webhooks that fail are paused, and how they come back.</summary>
    public HealthOptions Health { get; init; } = new();

    /// <summary>Payload bytes of accepts waiting for the append writer, or being written, beyond which new ones are refused with 503: from 1 MiB.</summary>
    public long MaxWaitingAppendBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long an accept waits to be written before it is answered with 503, and how long the database may take for a batch before new ones are refused at once: 1 to 300 s.</summary>
    public TimeSpan AcceptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>False on API-only nodes: they write into the workers' shards.</summary>
    public bool Delivers { get; init; } = true;
}
