using System.Diagnostics;
using Webhooks.Bench.Measuring;
using Webhooks.Bench.Targets;
using Webhooks.Bench.Traffic;
using Webhooks.Domain;

namespace Webhooks.Bench.Scenarios;

/// <param name="Over">The retries fall due evenly over this time.</param>
/// <param name="PerSecond">Arrivals in each whole second.</param>
/// <param name="Gaps">Share of tenths of a second without an arrival: steps of a poll would show here.</param>
/// <param name="Lateness">From when a retry was due to its arrival.</param>
/// <param name="WaitingBytes">Memory of the service with all of them waiting.</param>
/// <param name="MostBytes">The most it had while they left.</param>
internal sealed record RetryFigures(
    int Count, TimeSpan Over, double Rate, IReadOnlyList<int> PerSecond, double Gaps, (TimeSpan Median, TimeSpan P99, TimeSpan Worst) Lateness,
    long WaitingBytes, long MostBytes, IReadOnlyList<string> Flaws);

/// <summary>Scheduled retries that fall due close together, at the rate of a million in a minute.</summary>
internal static class Retries
{
    /// <summary>Of one event: keeps the preparation short.</summary>
    private const int FanOut = 10;
    private static readonly TimeSpan OfAMillion = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LeastHead = TimeSpan.FromSeconds(15);

    /// <summary>To be written, and for the audit read model to follow.</summary>
    private static readonly TimeSpan HeadOfAMillion = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<RetryFigures> Run(string service, int count, CancellationToken ct)
    {
        count -= count % FanOut;
        using var receiver = new Receiver();
        await using var cluster = await BenchCluster.Start(ct);
        await using var target = await ServiceTarget.Start(service, cluster, ct);
        var webhooks = await target.Subscribe([.. Enumerable.Range(1, FanOut).Select(receiver.Url)], ct);
        await target.Flood(16, 1, TimeSpan.FromSeconds(3), ct);
        while (!await cluster.IsSettled())
        {
            await Task.Delay(20, ct);
        }

        var before = await cluster.CountSucceeded();
        var (over, head) = (OfAMillion * (count / 1e6), LeastHead + (HeadOfAMillion * (count / 1e6)));
        var (wall, ticks) = (DateTimeOffset.UtcNow + head, Stopwatch.GetTimestamp() + (long)(head.TotalSeconds * Stopwatch.Frequency));
        receiver.Begin();
        await new RetrySeed(cluster.DataSource, Sid.Parse<CompanyId>(target.Company), webhooks).Write(count, (wall, ticks), over, ct);
        while (Left() > TimeSpan.Zero && !await cluster.AuditIsCurrent())
        {
            await Task.Delay(50, ct);
        }

        var flaws = new Flaws().Note(Left() > TimeSpan.Zero ? 0 : 1, "stretch of preparation was too short: the first were due before all was written and followed");
        await Task.Delay(Left() > TimeSpan.Zero ? Left() : TimeSpan.Zero, ct);
        var (waiting, most, started) = (ProcessTree.ResidentBytes(target.ProcessId), 0L, Stopwatch.StartNew());
        while (receiver.Distinct < count && started.Elapsed < over + Limit)
        {
            most = Math.Max(most, ProcessTree.ResidentBytes(target.ProcessId));
            await Task.Delay(50, ct);
        }

        while (!await cluster.IsSettled() && started.Elapsed < over + Limit)
        {
            await Task.Delay(20, ct);
        }

        flaws.Note(count - receiver.Distinct, "retries did not arrive").Note(receiver.Repeated, "requests came twice")
            .Note(before + count - await cluster.CountSucceeded(), "deliveries don't stand as succeeded in the audit");
        var late = receiver.Latencies;
        return new RetryFigures(
            count, over, receiver.Arrivals.Rate, receiver.Arrivals.PerSecond, receiver.Arrivals.Gaps, (late.Percentile(0.5), late.Percentile(0.99), late.Percentile(1)), waiting, most, flaws.All);

        TimeSpan Left() => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), ticks);
    }
}
