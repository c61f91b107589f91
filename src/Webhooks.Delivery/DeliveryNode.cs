using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Dispatch;
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
    private readonly Sweeper _sweeper;
    private readonly RoutingFollower _follower;
    private readonly NodeMessages _messages;
    private readonly LogSignal _workElsewhere;
    private readonly NpgsqlDataSource _dataSource;
    private readonly DatabaseClock _clock;
    private bool _stopped;

    public DeliveryNode(
        NpgsqlDataSource dataSource, PostgresEventStore store, LogSignal committed, DatabaseClock clock, SecretSealer sealer, EgressClient egress,
        DeliveryOptions options, TimeProvider time, ILoggerFactory logs)
    {
        (_dataSource, _clock, _options, _time, _log) = (dataSource, clock, options, time, logs.CreateLogger<DeliveryNode>());
        _workElsewhere = new LogSignal(time);
        var routingChanged = new LogSignal(time);
        var due = new DueSignal(time);
        var queue = new QueueTable(dataSource);
        Waiters = new AttemptWaiters();
        Routing = new RoutingDirectory(dataSource, sealer);
        _writer = new AppendWriter(dataSource, committed, clock, options, time, logs.CreateLogger<AppendWriter>());
        var recorder = new OutcomeRecorder(_writer, store, logs.CreateLogger<OutcomeRecorder>());
        Shards = new ShardLeases(dataSource, queue, due, _workElsewhere, options, time, logs.CreateLogger<ShardLeases>());
        var attempts = new DeliveryAttempts(Routing, Shards, egress, recorder, Waiters, due, clock, options, time, logs.CreateLogger<DeliveryAttempts>());
        Pump = new Pump(options, new PumpPolicy { LimitsOf = (company, webhook) => LimitsOf(Routing.Present(company), webhook), LiveNodes = () => Shards.LiveNodes }, time, attempts.Attempt);
        Routing.Loaded = PumpFollows;
        Shards.Changed = picture => Pump.LetGo(job => picture.Holds(job.Shard, job.Epoch));
        _dueWorker = new DueWorker(queue, Pump, Shards, recorder, due, clock, Routing, options, logs.CreateLogger<DueWorker>());
        _sweeper = new Sweeper(dataSource, queue, recorder, due, routingChanged, options, time, logs.CreateLogger<Sweeper>());
        _follower = new RoutingFollower(dataSource, Routing, routingChanged, options, time, logs.CreateLogger<RoutingFollower>());
        _messages = new NodeMessages(dataSource, Shards, routingChanged, options, time, logs.CreateLogger<NodeMessages>());
        Acceptance = new EventAcceptance(Routing, _writer, Pump, Shards, store, clock, options, time);
        Resends = new DeliveryResends(store, Shards);
        Tests = new TestDeliveries(Acceptance, Waiters, store);
    }

    public EventAcceptance Acceptance { get; }
    public DeliveryResends Resends { get; }
    public TestDeliveries Tests { get; }
    public RoutingDirectory Routing { get; }
    public Pump Pump { get; }
    internal ShardLeases Shards { get; }
    private AttemptWaiters Waiters { get; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _clock.Synchronize(_dataSource, cancellationToken);

        // Shards first: events accepted from the first request on go straight to memory.
        await Shards.RunOnce(cancellationToken);
        Loop(Shards.Run);
        if (_options.Delivers)
        {
            Loop(_dueWorker.Run);
            Loop(_sweeper.Run);
            Loop(_messages.Listen);
        }

        Loop(_follower.Run);
        Loop(ct => _messages.Announce(_workElsewhere, ct));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
        var drained = Pump.Drain();
        await UnlessAway(Shards.HandOver);
        try
        {
            await drained.WaitAsync(_options.Drain, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _log.LogWarning("{Count} requests were still under way after {Drain}; their deliveries go out again in a moment", Pump.UnderWay, _options.Drain);
        }

        await _writer.DisposeAsync();
        await UnlessAway(Shards.Leave);
        await Shards.DisposeAsync();
    }

    private async Task UnlessAway(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e) when (DatabaseFailures.IsUnavailable(e))
        {
            _log.LogWarning("The database is away, so the shards are left to their lease: {Reason}", e.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private void PumpFollows(CompanyRouting? before, CompanyRouting now)
    {
        Pump.ApplyLimits(now.Company, webhook => LimitsOf(now, webhook));
        foreach (var webhook in now.EnabledSince(before))
        {
            Pump.ComesBack(now.Company, webhook);
        }
    }

    // Nothing is sent to one that is disabled or deleted: what waits for it in memory is parked or cancelled as fast as it goes.
    private static DeliveryLimits? LimitsOf(CompanyRouting? picture, WebhookId webhook) =>
        picture?.Find(webhook) is { Status: WebhookStatus.Active } active ? active.Configuration.Limits : null;

    private void Loop(Func<CancellationToken, Task> run) => _loops.Add(Task.Run(() => run(_stopping.Token), CancellationToken.None));
}
