using System.Diagnostics;

namespace Webhooks.Bench.Traffic;

/// <summary>
/// An open loop: the times at which events are due are fixed beforehand. Who falls behind sends late what was due before,
/// and its lateness counts as latency; a generator that waited instead would leave out exactly the slow moments.
/// </summary>
internal static class Schedule
{
    /// <param name="emit">Called with the timestamp at which an event was due, when it is due or as soon after as possible.</param>
    /// <param name="wait">Passes the time until the next one is due; may return early.</param>
    public static void Run(int perSecond, TimeSpan duration, Action<long> emit, Action<TimeSpan> wait, CancellationToken ct)
    {
        var interval = (double)Stopwatch.Frequency / perSecond;
        var count = (long)(perSecond * duration.TotalSeconds);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0L; i < count && !ct.IsCancellationRequested;)
        {
            var due = start + (long)(i * interval);
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (left > TimeSpan.Zero)
            {
                wait(left);
                continue;
            }

            emit(due);
            i++;
        }
    }
}
