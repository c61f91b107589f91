namespace Webhooks.Delivery.Recording;

/// <summary>
/// Whether one more accept may wait for the writer: bounded in number, in bytes, and by how long the batch under way has
/// been on its way, so that emitters hear at once that the database can't follow, and memory does not grow.
/// </summary>
internal sealed class AppendRoom(DeliveryOptions options, TimeProvider time)
{
    private const long NotWriting = 0;
    private long _bytes;
    private int _waiting;
    private long _writingSince = NotWriting;

    public int Waiting => Volatile.Read(ref _waiting);

    private bool IsStalled => Volatile.Read(ref _writingSince) is not NotWriting and var since && time.GetElapsedTime(since) > options.AcceptTimeout;

    /// <summary>Outcomes always enter: they are bounded by what is in flight.</summary>
    public bool TryEnter(PendingAppend append)
    {
        // Counted before it is judged: of those that come at once, no more enter than there is room for.
        var isOneTooMany = Interlocked.Increment(ref _waiting) > options.MaxWaitingAppends;
        if (append.IsAccept && (isOneTooMany || Volatile.Read(ref _bytes) >= options.MaxWaitingAppendBytes || IsStalled))
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        Interlocked.Add(ref _bytes, append.Bytes);
        return true;
    }

    /// <summary>It waits no more: the writer has taken it.</summary>
    public void Taken() => Interlocked.Decrement(ref _waiting);

    /// <summary>It is committed or given up; only now its bytes are free.</summary>
    public void Done(PendingAppend append) => Interlocked.Add(ref _bytes, -append.Bytes);

    public void BeginWriting() => Volatile.Write(ref _writingSince, Math.Max(time.GetTimestamp(), NotWriting + 1));

    public void EndWriting() => Volatile.Write(ref _writingSince, NotWriting);
}
