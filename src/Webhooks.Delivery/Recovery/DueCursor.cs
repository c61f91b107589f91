namespace Webhooks.Delivery.Recovery;

/// <summary>A row's place in the order in which due rows are claimed.</summary>
public readonly record struct DuePosition(DateTime DueAt, Guid Delivery)
{
    public static readonly DuePosition Start;

    /// <summary>By time, then by id as PostgreSQL orders UUIDs: by their bytes.</summary>
    public static DuePosition Later(DuePosition a, DuePosition b) =>
        b.DueAt > a.DueAt || (b.DueAt == a.DueAt && b.Delivery.CompareTo(a.Delivery) > 0) ? b : a;
}

/// <summary>
/// Where the next claim begins. Rows of webhooks that are behind stay due, ten thousands of them perhaps, and every claim
/// would pass them by again; so it begins where the last one ended. What came late into the part behind it is found because
/// a little of it is looked at again, and all of it from time to time.
/// </summary>
internal sealed class DueCursor
{
    /// <summary>From the moment in which a row's due time was set to its commit.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WholeLook = TimeSpan.FromSeconds(30);

    private DuePosition _next;
    private DateTimeOffset _wholeLookAt = DateTimeOffset.MinValue;

    /// <param name="now">By the database's clock.</param>
    /// <param name="anyBehind">Without any there is nothing to pass by, and the claim begins at the start.</param>
    public DuePosition From(DateTimeOffset now, bool anyBehind)
    {
        if (!anyBehind || now - _wholeLookAt > WholeLook)
        {
            Restart();
            _wholeLookAt = now;
        }

        return _next;
    }

    /// <summary>As many rows were claimed as were asked for.</summary>
    public void Reached(DuePosition last) => _next = DuePosition.Later(_next, last);

    /// <summary>All that was due by then was claimed or passed by.</summary>
    public void SawAll(DateTimeOffset now) => _next = DuePosition.Later(DuePosition.Start, new DuePosition((now - Overlap).UtcDateTime, Guid.Empty));

    /// <summary>Rows may have become due, or this node's, anywhere.</summary>
    public void Restart() => _next = DuePosition.Start;
}
