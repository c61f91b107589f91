using System.Diagnostics;

namespace Webhooks.Bench.Measuring;

/// <summary>How many came in each tenth of a second. Written by one thread, read when it is quiet.</summary>
internal sealed class Arrivals
{
    private const int SlotsPerSecond = 10;
    private readonly List<int> _slots = [];
    private long _first;
    private long _last;

    /// <summary>Per second, from the first to the last.</summary>
    public double Rate => _last > _first ? (_slots.Sum(s => (long)s) - 1) / Stopwatch.GetElapsedTime(_first, _last).TotalSeconds : 0;

    /// <summary>Counts of whole seconds, the first and the last one left out: they are not whole.</summary>
    public IReadOnlyList<int> PerSecond => [.. _slots.Chunk(SlotsPerSecond).Skip(1).SkipLast(1).Select(c => c.Sum())];

    /// <summary>Share of the tenths between the first and the last in which nothing came: deliveries that leave in steps leave such gaps.</summary>
    public double Gaps => _slots.Count == 0 ? 0 : (double)_slots.Count(s => s == 0) / _slots.Count;

    public void Add()
    {
        _last = Stopwatch.GetTimestamp();
        _first = _slots.Count == 0 ? _last : _first;
        var slot = (int)((_last - _first) * SlotsPerSecond / Stopwatch.Frequency);
        while (_slots.Count <= slot)
        {
            _slots.Add(0);
        }

        _slots[slot]++;
    }

    public void Clear()
    {
        _slots.Clear();
        (_first, _last) = (0, 0);
    }
}
