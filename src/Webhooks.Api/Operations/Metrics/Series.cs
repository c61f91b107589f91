namespace Webhooks.Api.Operations.Metrics;

/// <summary>One line of numbers: an instrument under one set of tags. Written by any thread without a lock.</summary>
internal sealed class Series
{
    private readonly double[] _bounds;
    private readonly long[] _buckets;
    private long _whole;
    private double _real;

    /// <param name="bounds">Upper bounds of the buckets, ascending; empty where it is no histogram.</param>
    public Series(ReadOnlySpan<KeyValuePair<string, object?>> tags, double[] bounds)
    {
        Tags = tags.ToArray();
        _bounds = bounds;
        _buckets = bounds.Length == 0 ? [] : new long[bounds.Length + 1];
    }

    public KeyValuePair<string, object?>[] Tags { get; }

    /// <summary>Total, last value, or sum of what was recorded.</summary>
    public double Value => Volatile.Read(ref _whole) + Volatile.Read(ref _real);

    /// <summary>How much was recorded in each bucket, the last one without an upper bound.</summary>
    public long[] Buckets => [.. _buckets];

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != Tags.Length)
        {
            return false;
        }

        for (var i = 0; i < tags.Length; i++)
        {
            // The tags of the hot path are constants, so the first comparison is the only one.
            if (!(ReferenceEquals(tags[i].Value, Tags[i].Value) || Equals(tags[i].Value, Tags[i].Value)) || tags[i].Key != Tags[i].Key)
            {
                return false;
            }
        }

        return true;
    }

    public void Add(long value) => Interlocked.Add(ref _whole, value);

    public void Add(double value)
    {
        var before = Volatile.Read(ref _real);
        while (true)
        {
            var seen = Interlocked.CompareExchange(ref _real, before + value, before);
            if (seen.Equals(before))
            {
                return;
            }

            before = seen;
        }
    }

    public void Set(double value) => Volatile.Write(ref _real, value);

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _buckets[bucket]);
        Add(value);
    }
}
