namespace Webhooks.Bench.Measuring;

/// <summary>Every single latency, to the tick; percentiles without buckets. Written by one thread, read when it is quiet.</summary>
internal sealed class Latencies
{
    private readonly List<long> _ticks = new(1 << 16);

    public int Count => _ticks.Count;

    public void Add(TimeSpan latency) => _ticks.Add(latency.Ticks);

    public void Clear() => _ticks.Clear();

    /// <param name="share">From 0 to 1: 0.99 for the latency that 99 of 100 don't exceed.</param>
    public TimeSpan Percentile(double share)
    {
        if (_ticks.Count == 0)
        {
            return TimeSpan.Zero;
        }

        _ticks.Sort();
        return new TimeSpan(_ticks[Math.Clamp((int)Math.Ceiling(share * _ticks.Count) - 1, 0, _ticks.Count - 1)]);
    }
}
