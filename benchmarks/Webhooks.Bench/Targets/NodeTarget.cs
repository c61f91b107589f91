using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Bench.Traffic;
using Webhooks.Delivery;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Routing;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Deliveries;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Bench.Targets;

/// <summary>The hot path without its HTTP entrance: a delivery node and the audit projection in this process, for profiling.</summary>
internal sealed class NodeTarget : ITarget
{
    private static readonly Assembly[] Schema = [typeof(PostgresEventStore).Assembly, typeof(RoutingProjection).Assembly, typeof(CompaniesProjection).Assembly];

    /// <summary>As the service follows the log.</summary>
    private static readonly SubscriptionOptions Follow = new() { PageSize = 2000, Linger = TimeSpan.FromMilliseconds(75) };

    private readonly PostgresEventStore _store;
    private readonly SecretSealer _sealer = new(new byte[32]);
    private readonly EgressClient _egress;
    private readonly DeliveryNode _node;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SubscriptionRunner _audit;
    private Task _following = Task.CompletedTask;
    private CompanyId _company;

    private NodeTarget(BenchCluster cluster)
    {
        var (time, signal) = (TimeProvider.System, new LogSignal(TimeProvider.System));
        _store = new PostgresEventStore(cluster.DataSource, [new WebhooksProjection(), new RoutingProjection(), new HealthProjection()], signal, time);
        _egress = new EgressClient(BareLoop.Egress, time);
        // As many at a time as the service's settings have it.
        var options = new DeliveryOptions { MaxInFlight = 256, MaxInFlightPerWebhook = 32 };
        _node = new DeliveryNode(cluster.DataSource, _store, signal, new DatabaseClock(time), _sealer, _egress, options, time, NullLoggerFactory.Instance);
        _audit = new SubscriptionRunner(new DeliveriesProjection(), cluster.DataSource, signal, time, NullLogger<SubscriptionRunner>.Instance, Follow);
    }

    public string Name => "delivery node in this process, no HTTP entrance";
    public int ProcessId => Environment.ProcessId;

    public static async Task<NodeTarget> Start(BenchCluster cluster, CancellationToken ct)
    {
        await new Migrator(cluster.DataSource, Schema).Migrate(ct);
        var target = new NodeTarget(cluster);
        await target._node.StartAsync(ct);
        target._following = Task.Run(() => target._audit.RunAsync(target._stopping.Token), CancellationToken.None);
        return target;
    }

    public async Task Subscribe(IReadOnlyList<Uri> webhooks, CancellationToken ct)
    {
        _company = new CompanyId(Guid.CreateVersion7());
        foreach (var url in webhooks)
        {
            var id = new WebhookId(Guid.CreateVersion7());
            var secret = _sealer.Seal(SigningSecret.FromRandom(BareLoop.Key), id.ToString());
            var configuration = new WebhookConfiguration(
                "bench", url.ToString(), "POST", 15_000, 10, Array.Empty<CustomHeader>(), Array.Empty<string>(), SignatureScheme.Standard, null);
            var decision = Webhook.Decide(Webhook.Unknown, new CreateWebhook(_company, configuration, new SigningKeyId(Guid.CreateVersion7()), "default", secret));
            await using var session = await _store.OpenSession(ct);
            session.Append(id.Value, 0, decision.Facts, new FactMeta(_company, null, Guid.CreateVersion7()));
            if (await session.SaveChanges(ct) is not SaveResult.Saved)
            {
                throw new InvalidOperationException($"The webhook at {url} could not be registered.");
            }
        }
    }

    public Task<Emitted> Flood(int connections, int batch, TimeSpan duration, CancellationToken ct) =>
        Count(started => Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            var (accepted, refused) = (0L, 0L);
            while (started.Elapsed < duration && !ct.IsCancellationRequested)
            {
                var outcomes = await Task.WhenAll(Enumerable.Range(0, batch).Select(_ => Emit(Stopwatch.GetTimestamp(), ct)));
                accepted += outcomes.Sum();
                refused += outcomes.Length - outcomes.Sum();
            }

            return (accepted, refused);
        }, ct)));

    public Task<Emitted> Pace(int connections, int perSecond, TimeSpan duration, CancellationToken ct) => Count(_ =>
    {
        // Sleeps are no finer than a millisecond.
        using var clock = new Readiness();
        var emissions = new List<Task<int>>((int)(perSecond * duration.TotalSeconds));
        Schedule.Run(perSecond, duration, due => emissions.Add(Task.Run(() => Emit(due, ct), ct)), wait => clock.Wait([], wait), ct);
        return emissions.Select(async e => await e is var accepted ? ((long)accepted, 1L - accepted) : default);
    });

    private static async Task<Emitted> Count(Func<Stopwatch, IEnumerable<Task<(long Accepted, long Refused)>>> emit)
    {
        var started = Stopwatch.StartNew();
        var counts = await Task.WhenAll(emit(started));
        return new Emitted(counts.Sum(c => c.Accepted), counts.Sum(c => c.Refused), started.Elapsed);
    }

    private async Task<int> Emit(long due, CancellationToken ct) =>
        await _node.Acceptance.Emit(new EventToEmit(_company, "order.paid", Payload.Create(due), null, null, Guid.CreateVersion7()), ct) is EmitOutcome.Accepted ? 1 : 0;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _following;
        await _node.DisposeAsync();
        _egress.Dispose();
        _stopping.Dispose();
    }
}
