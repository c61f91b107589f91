using System.Diagnostics.Metrics;

namespace Webhooks.Api.Operations.Metrics;

/// <summary>As the text format names them.</summary>
public enum ReadingKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>What one instrument has told since the start, or tells when it is asked.</summary>
internal sealed class Reading(Instrument instrument, ReadingKind kind, double[] bounds)
{
    /// <summary>Of an instrument that does not say; seconds.</summary>
    public static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _adding = new();
    private Series[] _series = [];

    public ReadingKind Kind => kind;
    public Instrument Instrument => instrument;
    public double[] Bounds => bounds;
    public IReadOnlyList<Series> Series => Volatile.Read(ref _series);

    public static Reading Of(Instrument instrument) => instrument switch
    {
        Histogram<double> h => new(instrument, ReadingKind.Histogram, Bounded(h.Advice?.HistogramBucketBoundaries)),
        Histogram<int> h => new(instrument, ReadingKind.Histogram, Bounded(h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b))),
        Histogram<long> h => new(instrument, ReadingKind.Histogram, Bounded(h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b))),
        Counter<int> or Counter<long> or Counter<double> or ObservableCounter<int> or ObservableCounter<long> or ObservableCounter<double> => new(instrument, ReadingKind.Counter, []),
        _ => new(instrument, ReadingKind.Gauge, []),
    };

    public void Take(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (kind == ReadingKind.Histogram || IsSet)
        {
            Take((double)value, tags);
        }
        else
        {
            For(tags).Add(value);
        }
    }

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = For(tags);
        if (kind == ReadingKind.Histogram)
        {
            series.Record(value);
        }
        else if (IsSet)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    /// <summary>Before an instrument is asked: a series that it does not tell again is gone.</summary>
    public void Forget()
    {
        if (instrument.IsObservable)
        {
            Volatile.Write(ref _series, []);
        }
    }

    /// <summary>What is observed, and gauges, tell what is; the others what was added.</summary>
    private bool IsSet { get; } = instrument.IsObservable || instrument is Gauge<int> or Gauge<long> or Gauge<double>;

    private static double[] Bounded(IEnumerable<double>? advised) => advised?.ToArray() ?? DefaultBounds;

    private Series For(ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(Volatile.Read(ref _series), tags) ?? Add(tags);

    private Series Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_adding)
        {
            if (Find(_series, tags) is { } present)
            {
                return present;
            }

            var added = new Series(tags, bounds);
            Volatile.Write(ref _series, [.. _series, added]);
            return added;
        }
    }

    /// <summary>There are a dozen at most: tags name no webhook and no company.</summary>
    private static Series? Find(Series[] series, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var one in series)
        {
            if (one.Has(tags))
            {
                return one;
            }
        }

        return null;
    }
}
