using Npgsql;
using Webhooks.Api.Hosting;
using Webhooks.EventStore;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Operations;

/// <summary>Keeps the read models that follow the log up with it, and passes word of commits between nodes.</summary>
public sealed class ProjectionWorker : BackgroundService
{
    /// <summary>Most deliveries are over sooner after their event than this: planned and finished in one page, they are written once.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(75);
    private const int PageSize = 2000;

    private readonly bool _follows;
    private readonly LogListener _listener;
    private readonly LogNotifier _notifier;

    public ProjectionWorker(NpgsqlDataSource database, LogSignal signal, TimeProvider time, ILoggerFactory logs, WebhooksOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var node = new NodeName(Guid.NewGuid().ToString("N"));
        _follows = options.Role != Role.Api;
        _listener = new LogListener(database, signal, node, time, logs.CreateLogger<LogListener>());
        _notifier = new LogNotifier(database, signal, node, time, logs.CreateLogger<LogNotifier>());
        Deliveries = new SubscriptionRunner(
            new DeliveriesProjection(), database, signal, time, logs.CreateLogger<SubscriptionRunner>(), new SubscriptionOptions { PageSize = PageSize, Linger = Linger });
    }

    /// <summary>The list of deliveries.</summary>
    public SubscriptionRunner Deliveries { get; }

    /// <summary>API nodes leave following to the workers; they tell them of commits, and hear when a list has moved.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        _notifier.RunAsync(stoppingToken),
        _listener.RunAsync(stoppingToken),
        _follows ? Deliveries.RunAsync(stoppingToken) : Task.CompletedTask);
}
