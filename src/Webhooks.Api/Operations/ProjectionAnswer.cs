using Webhooks.EventStore;

namespace Webhooks.Api.Operations;

/// <summary>A read model on the wire.</summary>
/// <param name="State">current, behind or rebuilding.</param>
/// <param name="Position">The last fact that it holds, as transaction/number; null where it is written with the facts themselves.</param>
/// <param name="Head">The last fact that may be read by now.</param>
/// <param name="LagFacts">Facts waiting, counted up to 100,000.</param>
/// <param name="LagMs">Age of the oldest fact waiting.</param>
/// <param name="Rebuild">The last one that this node was asked for.</param>
public sealed record ProjectionAnswer(string Name, string Follows, string State, string? Position, string? Head, long LagFacts, long LagMs, RebuildAnswer? Rebuild)
{
    public const string Example = """{"name":"deliveries","follows":"log","state":"current","position":"7412/90211","head":"7412/90211","lag_facts":0,"lag_ms":0}""";
    public const string ExampleRebuilding = $$"""
        {"name":"deliveries","follows":"log","state":"rebuilding","position":"7412/90211","head":"7412/90211","lag_facts":0,"lag_ms":0,"rebuild":{{RebuildAnswer.Example}}}
        """;

    public static ProjectionAnswer OfLog(SubscriptionProgress progress, RebuildStatus? rebuild)
    {
        ArgumentNullException.ThrowIfNull(progress);
        return new(
            progress.Name,
            "log",
            StateOf(progress.Lag, rebuild),
            progress.Position.ToString(),
            progress.Head.ToString(),
            progress.Lag,
            progress.OldestWaiting is { } age && age > TimeSpan.Zero ? (long)age.TotalMilliseconds : 0,
            RebuildAnswer.Of(rebuild));
    }

    /// <summary>Written in the transaction of the facts, so it never lags.</summary>
    public static ProjectionAnswer OfTransaction(string name, RebuildStatus? rebuild) =>
        new(name, "transaction", StateOf(0, rebuild), null, null, 0, 0, RebuildAnswer.Of(rebuild));

    private static string StateOf(long lag, RebuildStatus? rebuild) => rebuild?.State == RebuildState.Running ? "rebuilding" : lag == 0 ? "current" : "behind";
}

/// <summary>A rebuild on the wire.</summary>
/// <param name="State">running, done or failed; the log says why.</param>
public sealed record RebuildAnswer(
    RebuildState State,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long FactsRead,
    long FactsTotal,
    long RowsWritten,
    long FactsPerSecond)
{
    public const string Example = """{"state":"running","started_at":"2026-01-31T12:00:00.000Z","facts_read":60000,"facts_total":90211,"rows_written":20480,"facts_per_second":150000}""";

    public static RebuildAnswer? Of(RebuildStatus? rebuild) => rebuild is null
        ? null
        : new(
            rebuild.State,
            rebuild.StartedAt,
            rebuild.EndedAt,
            rebuild.Progress?.FactsRead ?? 0,
            rebuild.Progress?.FactsTotal ?? 0,
            rebuild.Progress?.RowsWritten ?? 0,
            (long)(rebuild.Progress?.FactsPerSecond ?? 0));
}
