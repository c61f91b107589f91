using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Failures;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Recovery;
using Webhooks.Delivery.Routing;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;

namespace Webhooks.Delivery;

/// <summary>
/// Puts the parts of delivery together and runs them: the one place to see which loops a node has, and in which order it
/// stops. Accepting ends first, then others take over, then attempts under way end, then the writer.
/// </summary>
public sealed class DeliveryNode : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _loops = [];
    private readonly DeliveryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<DeliveryNode> _log;
    private readonly AppendWriter _writer;
    private readonly DueWorker _dueWorker;
    private readonly OrderedLanes _lanes;
    private readonly OrderedWorker _orderedWorker;
    private readonly Sweeper _sweeper;
    private readonly HealthWorker _healthWorker;
    private readonly RoutingFollower _follower;
    private readonly NodeMessages _messages;
    private readonly LogSignal _workElsewhere;
    private readonly NpgsqlDataSource _dataSource;
    private readonly DatabaseClock _clock;
    private readonly Sampled<QueueSample> _queueDepth;
    private readonly Meter? _ownMeter;
    private bool _stopped;

    /// <param name="meter">Where this node tells its numbers; null: in one of its own of the same name.</param>
    public DeliveryNode(
        NpgsqlDataSource dataSource, PostgresEventStore store, LogSignal committed, DatabaseClock clock, SecretSealer sealer, EgressClient egress,
        DeliveryOptions options, TimeProvider time, ILoggerFactory logs, Meter? meter = null)
    {
        (_dataSource, _clock, _options, _time, _log) = (dataSource, clock, options, time, logs.CreateLogger<DeliveryNode>());
        var metrics = new NodeMetrics(meter ?? (_ownMeter = new Meter(NodeMetrics.MeterName)));
        _workElsewhere = new LogSignal(time);
        var routingChanged = new LogSignal(time);
        var ordered = new DueSignal(time);
        var due = new DueSignal(time, ordered);
        var queue = new QueueTable(dataSource);
        Waiters = new AttemptWaiters();
        Destinations = new DestinationSet(egress, time);
        Routing = new RoutingDirectory(dataSource, sealer);
        _writer = new AppendWriter(dataSource, committed, clock, options, time, metrics.Appends, logs.CreateLogger<AppendWriter>());
        var recorder = new OutcomeRecorder(_writer, store, metrics.Outcomes, logs.CreateLogger<OutcomeRecorder>());
        var disabling = new ReceiverDisabling(Routing, store, clock, logs.CreateLogger<ReceiverDisabling>());
        Shards = new ShardLeases(dataSource, queue, due, _workElsewhere, options, time, logs.CreateLogger<ShardLeases>());
        Health = new HealthWatch(new HealthTransitions(store, logs.CreateLogger<HealthTransitions>()), clock, options, time, logs.CreateLogger<HealthWatch>());
        var healthSignal = new LogSignal(time);
        var probes = new Probes(dataSource, Shards, options, healthSignal);
        var attempts = new DeliveryAttempts(Routing, Shards, egress, Destinations, recorder, disabling, Waiters, due, Health, probes, clock, options, time, logs.CreateLogger<DeliveryAttempts>());
        var policy = new PumpPolicy
        {
            LimitsOf = (company, webhook) => LimitsOf(Routing.Present(company), webhook),
            WeightOf = company => Routing.Present(company)?.Weight ?? 1,
            LiveNodes = () => Shards.LiveNodes,
        };
        Pump = new Pump(options, policy, time, (job, slot) => job.OrderingKey is null ? attempts.Attempt(job, slot) : _lanes!.Attempt(job, slot));
        Routing.Loaded = PumpFollows;
        Shards.Changed = picture => Pump.LetGo(job => job.OrderingKey is not null || picture.Holds(job.Shard, job.Epoch));
        _lanes = new OrderedLanes(Pump, attempts, queue, due, ordered, logs.CreateLogger<OrderedLanes>());
        _dueWorker = new DueWorker(queue, Pump, Shards, recorder, due, clock, Routing, options, time, logs.CreateLogger<DueWorker>());
        _orderedWorker = new OrderedWorker(new OrderedQueue(dataSource, queue), _lanes, Pump, Shards, recorder, ordered, clock, Routing, options, time, logs.CreateLogger<OrderedWorker>());
        var drains = new ParkedDrains(dataSource, Shards, options, healthSignal);
        _sweeper = new Sweeper(dataSource, queue, recorder, drains, new ParkingLimits(dataSource, queue, recorder, options.Health), routingChanged, options, time, logs.CreateLogger<Sweeper>());
        _follower = new RoutingFollower(dataSource, Routing, routingChanged, options, time, logs.CreateLogger<RoutingFollower>());
        _messages = new NodeMessages(dataSource, Shards, routingChanged, options, time, logs.CreateLogger<NodeMessages>());
        Acceptance = new EventAcceptance(Routing, _writer, Pump, Shards, store, clock, options, time, metrics.Emits);
        _healthWorker = new HealthWorker(
            probes, drains, new HealthNotices(dataSource, Acceptance, logs.CreateLogger<HealthNotices>()),
            new FailureNotices(dataSource, store, Routing, Acceptance, logs.CreateLogger<FailureNotices>()), healthSignal, options, time, logs.CreateLogger<HealthWorker>());
        Resends = new DeliveryResends(store, Shards);
        Skips = new DeliverySkips(store, Shards);
        Cancellations = new EventCancellations(store, clock);
        IdempotencyKeys = new IdempotencyKeys(dataSource);
        Tests = new TestDeliveries(Acceptance, Waiters, store);
        _queueDepth = new Sampled<QueueSample>("The queue", ct => QueueDepth.Take(dataSource, ct), time, logs.CreateLogger<Sampled<QueueSample>>());
        metrics.Observe(Pump, Shards, _queueDepth);
    }

    public EventAcceptance Acceptance { get; }
    public DeliveryResends Resends { get; }
    public DeliverySkips Skips { get; }
    public EventCancellations Cancellations { get; }
    public IdempotencyKeys IdempotencyKeys { get; }
    public TestDeliveries Tests { get; }
    public RoutingDirectory Routing { get; }
    public Pump Pump { get; }
    public DestinationSet Destinations { get; }
    internal ShardLeases Shards { get; }
    internal HealthWatch Health { get; }
    private AttemptWaiters Waiters { get; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _clock.Synchronize(_dataSource, cancellationToken);

        // Shards first: events accepted from the first request on go straight to memory.
        await TakeShards(cancellationToken);
        Loop(Shards.Run);
        if (_options.Delivers)
        {
            Loop(_dueWorker.Run);
            Loop(_orderedWorker.Run);
            Loop(_sweeper.Run);
            Loop(Health.Run);
            Loop(_healthWorker.Run);
            Loop(_messages.Listen);
            Loop(_queueDepth.Run);
        }

        Loop(_follower.Run);
        Loop(ct => _messages.Announce(_workElsewhere, ct));
    }

    private async Task TakeShards(CancellationToken ct)
    {
        try
        {
            await Shards.RunOnce(ct);
        }
        catch (Exception e) when (DatabaseFailures.IsUnavailable(e))
        {
            // It was there a moment ago. What breaks off then is tried again as at any other time.
            _log.LogWarning("The first look at the shards broke off ({Reason}); the node starts, and tries again", e.Message);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        try
        {
            await _stopping.CancelAsync();
            await Task.WhenAll(_loops);
            await HandOverAndDrain();
        }
        finally
        {
            // Whatever happened before: what is known of requests that were sent is written.
            await _writer.DisposeAsync();
        }

        await OrLeaveToLease(Shards.Leave);
        await Shards.DisposeAsync();
    }

    private async Task HandOverAndDrain()
    {
        var began = _time.GetTimestamp();
        var drained = Pump.Drain();
        await OrLeaveToLease(() => HandOver(began));
        try
        {
            await drained.WaitAsync(LeftOfDrain(began), _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _log.LogWarning("{Count} requests were still under way after {Drain}; their deliveries go out again in a moment", Pump.UnderWay, _options.Drain);
        }
    }

    /// <summary>A shard into which something is being committed is waited for as long as for requests under way.</summary>
    private async Task HandOver(long began)
    {
        while (true)
        {
            try
            {
                await Shards.HandOver();
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && LeftOfDrain(began) > TimeSpan.Zero)
            {
                _log.LogInformation("A commit that is under way keeps this node from giving up its shards; trying again");
            }
        }
    }

    private TimeSpan LeftOfDrain(long began)
    {
        var left = _options.Drain - _time.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task OrLeaveToLease(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e)
        {
            // What a stopping node can't give up is taken from it. It is no reason not to end what else it has begun.
            _log.LogWarning(DatabaseFailures.Trace(e), "The shards of this node are left to their lease: {Reason}", e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await Destinations.DisposeAsync();
        _stopping.Dispose();
        _ownMeter?.Dispose();
    }

    private void PumpFollows(CompanyRouting? before, CompanyRouting now)
    {
        Pump.ApplyLimits(now.Company, webhook => LimitsOf(now, webhook));
        foreach (var webhook in now.BackSince(before))
        {
            Pump.ComesBack(now.Company, webhook);
        }

        if (_options.Delivers)
        {
            foreach (var webhook in now.GoneSince(before))
            {
                _sweeper.IsGone(webhook, now.Company);
            }
        }
    }

    // Nothing is sent to one that is disabled or deleted: what waits for it in memory is parked or cancelled as fast as it goes.
    private static DeliveryLimits? LimitsOf(CompanyRouting? picture, WebhookId webhook) =>
        picture?.Find(webhook) is { Status: WebhookStatus.Active } active ? active.Configuration.Limits : null;

    private void Loop(Func<CancellationToken, Task> run) => _loops.Add(Task.Run(() => run(_stopping.Token), CancellationToken.None));
}
