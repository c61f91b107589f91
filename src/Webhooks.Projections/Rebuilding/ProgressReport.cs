namespace Webhooks.Projections.Rebuilding;

/// <summary>Counts one part's way and tells it.</summary>
internal sealed class ProgressReport(string part, long total, IProgress<RebuildProgress> to, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public RebuildProgress Last { get; private set; } = new(part, 0, total, 0, TimeSpan.Zero);

    public void Reach(long facts, long rows)
    {
        Last = new RebuildProgress(part, facts, Math.Max(total, facts), rows, time.GetElapsedTime(_start));
        to.Report(Last);
    }
}
