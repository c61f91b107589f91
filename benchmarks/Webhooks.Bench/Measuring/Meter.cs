using System.Diagnostics;
using Webhooks.Bench.Targets;

namespace Webhooks.Bench.Measuring;

/// <summary>Shares are of the whole machine: 1 is all cores.</summary>
/// <param name="Bench">The load generator and the receiver.</param>
/// <param name="Others">Whatever else ran: above a few per cent, the figures beside it are too low.</param>
internal readonly record struct CpuShares(double Target, double Postgres, double Bench, double Others);

/// <summary>What a stretch of time has cost.</summary>
internal sealed class Meter(BenchCluster cluster, ITarget target)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Usage _start = Usage.Read(cluster, target);

    public CpuShares Read()
    {
        var (now, all) = (Usage.Read(cluster, target), _watch.Elapsed.TotalSeconds * Environment.ProcessorCount);
        var (t, p, b) = (now.Target - _start.Target, now.Postgres - _start.Postgres, now.Bench - _start.Bench);
        return new CpuShares(t / all, p / all, b / all, Math.Max(0, now.Machine - _start.Machine - t - p - b) / all);
    }

    private readonly record struct Usage(double Target, double Postgres, double Bench, double Machine)
    {
        public static Usage Read(BenchCluster cluster, ITarget target) => new(
            ProcessTree.CpuSeconds(target.ProcessId),
            cluster.CpuSeconds,
            target.ProcessId == Environment.ProcessId ? 0 : ProcessTree.CpuSeconds(Environment.ProcessId),
            ProcessTree.MachineCpuSeconds());
    }
}
