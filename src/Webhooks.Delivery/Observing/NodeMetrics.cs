using System.Diagnostics.Metrics;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Ownership;

namespace Webhooks.Delivery.Observing;

/// <summary>What the parts of one node tell about themselves, each beside what it measures. No tag names a webhook or a company: the number of series is fixed.</summary>
public sealed class NodeMetrics(Meter meter)
{
    public const string MeterName = "Webhooks";

    public EmitMetrics Emits { get; } = new(meter);
    public AppendMetrics Appends { get; } = new(meter);
    public OutcomeMetrics Outcomes { get; } = new(meter);

    /// <summary>What is read when somebody looks. To be called once, when the parts are there.</summary>
    internal void Observe(Pump pump, ShardLeases shards, Sampled<QueueSample> queue)
    {
        meter.CreateObservableGauge("webhooks.attempts.in_flight", () => pump.UnderWay, "{attempt}", "Attempts under way on this node, their recording included.");
        meter.CreateObservableGauge("webhooks.deliveries.in_memory", () => pump.InMemory, "{delivery}", "Deliveries in this node's memory: under way, waiting for their turn, or about to be committed.");
        meter.CreateObservableGauge("webhooks.shards.owned", () => shards.Owned.Length, "{shard}", "Shards whose deliveries this node makes, of 64 in the installation.");
        QueueDepth.Observe(meter, queue);
    }
}
