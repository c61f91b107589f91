using System.Diagnostics;
using Webhooks.Bench.Measuring;
using Webhooks.Bench.Targets;
using Webhooks.Bench.Traffic;

namespace Webhooks.Bench;

/// <summary>Closed loop: as much as goes through.</summary>
/// <param name="Delivered">Per second, from the first request until the last outcome stands in the audit read model.</param>
/// <param name="Bare">Requests per second of the bare loop, just before and just after.</param>
/// <param name="Backlog">Deliveries that waited when the last event was accepted.</param>
internal sealed record Throughput(
    int FanOut, int Batch, double Accepted, double Delivered, double Bare, long Backlog, double WalPerDelivery, long ResidentBytes, CpuShares Cpu, IReadOnlyList<string> Flaws);

/// <summary>Open loop: from the moment an event is due to be emitted to its arrival at the receiver.</summary>
internal sealed record Latency(int PerSecond, TimeSpan Median, TimeSpan P99, TimeSpan Worst, CpuShares Cpu, IReadOnlyList<string> Flaws);

/// <summary>The measurements of one target, each against the bare loop of the same moment.</summary>
internal sealed class Run(BenchOptions options, BenchCluster cluster, ITarget target, Receiver receiver, BareLoop bare)
{
    private const int BareAtATime = 64;
    private static readonly TimeSpan SettleLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    private long _expected;

    /// <summary>Memory of the target that has been left alone since its start.</summary>
    public async Task<long> IdleBytes(CancellationToken ct)
    {
        await Task.Delay(Quiet, ct);
        return ProcessTree.ResidentBytes(target.ProcessId);
    }

    /// <summary>The compiler's work, the pools and the caches: none of it belongs to a figure.</summary>
    public async Task WarmUp(CancellationToken ct)
    {
        var duration = TimeSpan.FromSeconds(Math.Clamp(options.Duration.TotalSeconds / 2, 2, 5));
        await Bare(duration, ct);
        await Subscribe(2, ct);
        _expected += 2 * (await target.Flood(options.Connections, 1, duration, ct)).Accepted;
        await Settle(ct);
    }

    public async Task<Throughput> Throughput(int fanOut, int batch, CancellationToken ct)
    {
        var before = await Bare(options.Duration / 3, ct);
        await Subscribe(fanOut, ct);
        receiver.Begin();
        var (wal, meter, watch) = (await cluster.WalBytes(), new Meter(cluster, target), Stopwatch.StartNew());
        var emitted = await target.Flood(Math.Max(1, options.Connections / Math.Min(batch, 8)), batch, options.Duration, ct);
        var (backlog, resident) = ((emitted.Accepted * fanOut) - receiver.Distinct, ProcessTree.ResidentBytes(target.ProcessId));
        await Settle(ct);
        var (elapsed, cpu, deliveries) = (watch.Elapsed.TotalSeconds, meter.Read(), emitted.Accepted * fanOut);
        wal = await cluster.WalBytes() - wal;
        var flaws = await FlawsOf(emitted, deliveries);
        var after = await Bare(options.Duration / 3, ct);
        return new Throughput(
            fanOut, batch, emitted.Accepted / emitted.Elapsed.TotalSeconds, deliveries / elapsed, (before + after) / 2, backlog, (double)wal / deliveries, resident, cpu, flaws);
    }

    public async Task<Latency> Latency(int perSecond, CancellationToken ct)
    {
        await Subscribe(1, ct);
        receiver.Begin();
        var meter = new Meter(cluster, target);
        var emitted = await target.Pace(options.Connections, perSecond, options.Duration, ct);
        var cpu = meter.Read();
        await Settle(ct);
        var latencies = receiver.Latencies;
        return new Latency(perSecond, latencies.Percentile(0.5), latencies.Percentile(0.99), latencies.Percentile(1), cpu, await FlawsOf(emitted, emitted.Accepted));
    }

    private Task<double> Bare(TimeSpan duration, CancellationToken ct) => bare.Run(receiver.Url(0), BareAtATime, duration, ct);

    private Task Subscribe(int webhooks, CancellationToken ct) => target.Subscribe([.. Enumerable.Range(1, webhooks).Select(receiver.Url)], ct);

    /// <summary>Returns when every outcome stands in the log and the audit read model has caught up.</summary>
    private async Task Settle(CancellationToken ct)
    {
        var waited = Stopwatch.StartNew();
        while (!await cluster.IsSettled())
        {
            if (waited.Elapsed > SettleLimit)
            {
                throw new TimeoutException($"Deliveries were still waiting {SettleLimit.TotalSeconds:0} seconds after the last event.");
            }

            await Task.Delay(Look, ct);
        }
    }

    private async Task<IReadOnlyList<string>> FlawsOf(Emitted emitted, long deliveries)
    {
        _expected += deliveries;
        return new Flaws()
            .Note(emitted.Refused, "events were refused")
            .Note(deliveries - receiver.Distinct, "deliveries did not arrive")
            .Note(receiver.Repeated, "requests came twice")
            .Note(_expected - await cluster.CountSucceeded(), "deliveries don't stand as succeeded in the audit").All;
    }
}
