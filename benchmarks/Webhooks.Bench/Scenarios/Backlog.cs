using System.Diagnostics;
using Webhooks.Bench.Measuring;
using Webhooks.Bench.Targets;
using Webhooks.Bench.Traffic;

namespace Webhooks.Bench.Scenarios;

/// <param name="Rate">Deliveries per second, from the first to arrive to the last.</param>
/// <param name="ToFirst">From the start of the worker's process to the first arrival.</param>
internal sealed record BacklogFigures(long Deliveries, double Rate, TimeSpan ToFirst, double WalPerDelivery, IReadOnlyList<string> Flaws);

/// <summary>
/// Events accepted by a node that does not deliver, until a worker joins and finds them all waiting in the database: what
/// an outage of the workers leaves. Nothing is written by hand.
/// </summary>
internal static class Backlog
{
    private const int Batch = 100;
    private static readonly TimeSpan Stretch = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static async Task<BacklogFigures> Run(string service, int deliveries, CancellationToken ct)
    {
        using var receiver = new Receiver();
        await using var cluster = await BenchCluster.Start(ct);
        await using var api = await ServiceTarget.Start(service, cluster, ct, "api");
        await api.Subscribe([receiver.Url(1)], ct);
        var accepted = 0L;
        while (accepted < deliveries)
        {
            accepted += (await api.Flood(8, Batch, Stretch, ct)).Accepted;
        }

        receiver.Begin();
        var (wal, started) = (await cluster.WalBytes(), Stopwatch.StartNew());
        await using var worker = await ServiceTarget.Start(service, cluster, ct, "worker");
        var toFirst = TimeSpan.Zero;
        while (receiver.Distinct < accepted && started.Elapsed < Limit)
        {
            toFirst = toFirst == TimeSpan.Zero && receiver.Distinct > 0 ? started.Elapsed : toFirst;
            await Task.Delay(5, ct);
        }

        while (await cluster.CountWaiting() > 0 && started.Elapsed < Limit)
        {
            await Task.Delay(20, ct);
        }

        var flaws = new Flaws().Note(accepted - receiver.Distinct, "deliveries did not arrive").Note(receiver.Repeated, "requests came twice");
        return new BacklogFigures(accepted, receiver.Arrivals.Rate, toFirst, (double)(await cluster.WalBytes() - wal) / accepted, flaws.All);
    }
}
