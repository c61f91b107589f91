using System.Diagnostics.Metrics;
using Webhooks.Delivery.Observing;
using Webhooks.EventStore;
using Webhooks.Projections.Rebuilding;

namespace Webhooks.Api.Operations.Metrics;

/// <summary>How far read models are behind the log, and how far a rebuild has come.</summary>
public sealed class ProjectionMetrics : BackgroundService
{
    private static readonly KeyValuePair<string, object?> Deliveries = new("projection", RebuildParts.Deliveries);

    private readonly Sampled<SubscriptionProgress> _deliveries;

    public ProjectionMetrics(Meter meter, ProjectionWorker worker, Rebuilds rebuilds, TimeProvider time, ILogger<ProjectionMetrics> log)
    {
        ArgumentNullException.ThrowIfNull(meter);
        ArgumentNullException.ThrowIfNull(worker);
        ArgumentNullException.ThrowIfNull(rebuilds);
        _deliveries = new Sampled<SubscriptionProgress>("The lag of the list of deliveries", worker.Deliveries.GetProgress, time, log);
        meter.CreateObservableGauge(
            "webhooks.projection.lag", () => Tell(static p => Math.Max(0, p.OldestWaiting?.TotalSeconds ?? 0)), "s",
            "Age of the oldest fact that the read model does not hold yet; 0 when it holds all. The same on every node.");
        meter.CreateObservableGauge(
            "webhooks.projection.lag_facts", () => Tell(static p => p.Lag), "{fact}",
            $"Facts that the read model does not hold yet, counted up to {SubscriptionProgress.MaxLagCounted}. The same on every node.");
        meter.CreateObservableGauge(
            "webhooks.rebuild.progress", () => Running(rebuilds), "1",
            "Share of the log that the rebuild under way on this node has passed, 0 to 1; no series when none is under way.");
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _deliveries.Run(stoppingToken);

    private IEnumerable<Measurement<double>> Tell(Func<SubscriptionProgress, double> what) =>
        _deliveries.Current is { } progress ? [new Measurement<double>(what(progress), Deliveries)] : [];

    private static IEnumerable<Measurement<double>> Running(Rebuilds rebuilds) =>
        from part in new[] { RebuildParts.Deliveries, RebuildParts.Registrations }
        let rebuild = rebuilds.Last(part)
        where rebuild is { State: RebuildState.Running }
        let progress = rebuild.Progress
        select new Measurement<double>(progress is { FactsTotal: > 0 } ? (double)progress.FactsRead / progress.FactsTotal : 0, new KeyValuePair<string, object?>("projection", part));
}
