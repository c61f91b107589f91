using System.Diagnostics;
using Webhooks.Bench.Measuring;
using Webhooks.Bench.Targets;
using Webhooks.Bench.Traffic;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Bench.Scenarios;

/// <param name="ToReady">From the start of the process until it listens, its database up to date.</param>
/// <param name="FirstEmit">The first event of the company, which brings its webhooks into memory.</param>
/// <param name="Alone">Emit to receive, and accepted per second, before the other webhooks were there.</param>
internal sealed record ManyFigures(int Webhooks, TimeSpan ToReady, TimeSpan FirstEmit, (TimeSpan Median, TimeSpan P99, double Accepted) Alone, (TimeSpan Median, TimeSpan P99, double Accepted) Among, long ResidentBytes, IReadOnlyList<string> Flaws);

/// <summary>One company with very many webhooks, of which an event matches one: what start-up, loading and matching cost beside a company that has only that one.</summary>
internal static class ManyWebhooks
{
    private const int InOneTransaction = 250;
    private const int PerSecond = 1000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static async Task<ManyFigures> Run(string service, int count, TimeSpan duration, CancellationToken ct)
    {
        using var receiver = new Receiver();
        await using var cluster = await BenchCluster.Start(ct);
        var (company, flaws) = ("", new Flaws());
        (TimeSpan, TimeSpan, double) alone;
        await using (var target = await ServiceTarget.Start(service, cluster, ct))
        {
            await target.Subscribe([receiver.Url(0)], ct);
            company = target.Company;
            alone = await Measure(target, cluster, receiver, duration, flaws, ct);
        }

        await Register(cluster, Sid.Parse<CompanyId>(company), receiver.Url(1), count, ct);
        var starting = Stopwatch.StartNew();
        await using var among = await ServiceTarget.Start(service, cluster, ct);
        var toReady = starting.Elapsed;
        among.Company = company;
        var firstEmit = await among.EmitOne(ct);
        return new ManyFigures(count, toReady, firstEmit, alone, await Measure(among, cluster, receiver, duration, flaws, ct), ProcessTree.ResidentBytes(among.ProcessId), flaws.All);
    }

    private static async Task<(TimeSpan Median, TimeSpan P99, double Accepted)> Measure(ServiceTarget target, BenchCluster cluster, Receiver receiver, TimeSpan duration, Flaws flaws, CancellationToken ct)
    {
        await target.Flood(64, 1, WarmUp, ct);
        await Settle(cluster, ct);
        receiver.Begin();
        var paced = await target.Pace(64, PerSecond, duration / 2, ct);
        await Settle(cluster, ct);
        flaws.Note(paced.Accepted - receiver.Distinct, "deliveries did not arrive, or came to webhooks that did not match");
        var (median, p99) = (receiver.Latencies.Percentile(0.5), receiver.Latencies.Percentile(0.99));
        var flooded = await target.Flood(64, 1, duration / 2, ct);
        await Settle(cluster, ct);
        return (median, p99, flooded.Accepted / flooded.Elapsed.TotalSeconds);
    }

    /// <summary>Through the store, as the API would, only many in a transaction. Each takes an event type of its own.</summary>
    private static async Task Register(BenchCluster cluster, CompanyId company, Uri url, int count, CancellationToken ct)
    {
        var store = new PostgresEventStore(cluster.DataSource, [new WebhooksProjection(), new RoutingProjection()], new LogSignal(TimeProvider.System), TimeProvider.System);
        var sealer = new SecretSealer(ServiceProcess.MasterKey);
        foreach (var chunk in Enumerable.Range(0, count).Chunk(InOneTransaction))
        {
            await using var session = await store.OpenSession(ct);
            foreach (var i in chunk)
            {
                var id = new WebhookId(Guid.CreateVersion7());
                var configuration = new WebhookConfiguration(
                    "bench", url.ToString(), "POST", 15_000, 10, Array.Empty<CustomHeader>(), new[] { $"type.{i}" }, SignatureScheme.Standard, null);
                var secret = sealer.Seal(SigningSecret.FromRandom(BareLoop.Key), id.ToString());
                var decision = Webhook.Decide(Webhook.Unknown, new CreateWebhook(company, configuration, new SigningKeyId(Guid.CreateVersion7()), "default", secret));
                session.Append(id.Value, 0, decision.Facts, new FactMeta(company, null, Guid.CreateVersion7()));
            }

            if (await session.SaveChanges(ct) is not SaveResult.Saved)
            {
                throw new InvalidOperationException("Webhooks could not be registered.");
            }
        }
    }

    private static async Task Settle(BenchCluster cluster, CancellationToken ct)
    {
        while (!await cluster.IsSettled())
        {
            await Task.Delay(20, ct);
        }
    }
}
