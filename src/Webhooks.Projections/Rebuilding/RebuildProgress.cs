namespace Webhooks.Projections.Rebuilding;

/// <summary>How far a rebuild has come.</summary>
/// <param name="Part">One of <see cref="RebuildParts"/>.</param>
/// <param name="FactsRead">Facts of the log that this part has passed.</param>
/// <param name="FactsTotal">Facts that it will pass, as counted at its start; a running service adds to them.</param>
/// <param name="RowsWritten">Rows written so far, those that were written again included.</param>
/// <param name="Elapsed">Since the part began.</param>
public sealed record RebuildProgress(string Part, long FactsRead, long FactsTotal, long RowsWritten, TimeSpan Elapsed)
{
    public double FactsPerSecond => Elapsed > TimeSpan.Zero ? FactsRead / Elapsed.TotalSeconds : 0;
}

/// <summary>What can be made anew from the log.</summary>
public static class RebuildParts
{
    /// <summary>Companies, API keys, webhooks and event types.</summary>
    public const string Registrations = "registrations";

    /// <summary>The list of deliveries.</summary>
    public const string Deliveries = "deliveries";

    /// <summary>What is still to be delivered and when; idempotency keys; routing versions.</summary>
    public const string Schedule = "schedule";
}

/// <summary>What became of a rebuild. Anything but <see cref="Done"/> changed nothing.</summary>
public abstract record RebuildResult
{
    private RebuildResult()
    {
    }

    /// <param name="Parts">The last report of each part.</param>
    public sealed record Done(IReadOnlyList<RebuildProgress> Parts) : RebuildResult;

    /// <summary>Another rebuild of this installation is under way.</summary>
    public sealed record AlreadyRunning : RebuildResult;

    /// <summary>A node holds shards, and with them a part of the schedule in memory: stop all nodes first.</summary>
    public sealed record NodesAtWork : RebuildResult;
}
