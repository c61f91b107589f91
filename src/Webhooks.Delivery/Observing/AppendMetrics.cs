using System.Diagnostics.Metrics;

namespace Webhooks.Delivery.Observing;

/// <summary>The group commit: how much each takes along, how long it takes, and how much waits for it.</summary>
public sealed class AppendMetrics(Meter meter)
{
    private readonly Histogram<int> _size = meter.CreateHistogram(
        "webhooks.append.batch_size", "{append}", "Accepts and outcomes that one commit took along.", advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });
    private readonly Histogram<double> _duration = meter.CreateHistogram("webhooks.append.duration", "s", "One group commit: the round trip that writes and commits it.", advice: Buckets.ShortTimes);

    public void Committed(int members, TimeSpan duration)
    {
        _size.Record(members);
        _duration.Record(duration.TotalSeconds);
    }

    /// <summary>To be called once.</summary>
    public void Observe(Func<int> waiting) => meter.CreateObservableGauge("webhooks.append.waiting", waiting, "{append}", "Accepts and outcomes that wait for the next commit.");
}
