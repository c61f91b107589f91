namespace Webhooks.Bench.Targets;

/// <summary>What is measured: the service over HTTP, or a delivery node in this process.</summary>
internal interface ITarget : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Whose CPU and memory count as the target's.</summary>
    int ProcessId { get; }

    /// <summary>Registers a new company with webhooks at these addresses; what is emitted from now on is its.</summary>
    Task Subscribe(IReadOnlyList<Uri> webhooks, CancellationToken ct);

    /// <summary>Emits as fast as answers come, over so many connections.</summary>
    /// <param name="batch">Events in one request; 1 for single ones.</param>
    Task<Emitted> Flood(int connections, int batch, TimeSpan duration, CancellationToken ct);

    /// <summary>Emits at the times of a fixed schedule, however slow the answers are.</summary>
    Task<Emitted> Pace(int connections, int perSecond, TimeSpan duration, CancellationToken ct);
}

/// <param name="Accepted">Events.</param>
/// <param name="Refused">Events that were answered with anything else, or not at all.</param>
/// <param name="Elapsed">From the first request to the last answer.</param>
internal readonly record struct Emitted(long Accepted, long Refused, TimeSpan Elapsed);
