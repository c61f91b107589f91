using System.Diagnostics.Metrics;

namespace Webhooks.Delivery.Observing;

/// <summary>Upper bounds of histograms, in seconds.</summary>
internal static class Buckets
{
    /// <summary>Of what takes milliseconds when all is well.</summary>
    public static readonly InstrumentAdvice<double> ShortTimes = new() { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60] };

    /// <summary>Of what retries may draw out to days.</summary>
    public static readonly InstrumentAdvice<double> LongTimes = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 28_800, 86_400, 604_800] };
}
