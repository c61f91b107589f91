namespace Webhooks.EventStore;

/// <summary>
/// Wakes those who follow the log. Only a hint: every waiter also looks by itself from time to time.
/// No notification is lost to a waiter that took <see cref="Version"/> before it looked.
/// </summary>
public sealed class LogSignal(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = NewSource();
    private long _version;
    private long _localCommits;

    /// <summary>Counts notifications.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Counts those of this process's own commits: only they are news to other nodes.</summary>
    internal long LocalCommits => Volatile.Read(ref _localCommits);

    /// <summary>Something was committed by this process.</summary>
    public void Notify()
    {
        Interlocked.Increment(ref _localCommits);
        Wake();
    }

    /// <summary>Something was committed by another node.</summary>
    internal void Wake()
    {
        TaskCompletionSource woken;
        lock (_lock)
        {
            _version++;
            woken = _next;
            _next = NewSource();
        }

        woken.SetResult();
    }

    /// <summary>Waits for the next notification from this call on, or for the time-out.</summary>
    /// <returns>Whether there was a notification.</returns>
    public Task<bool> Wait(TimeSpan timeout, CancellationToken ct) => Wait(Version, timeout, ct);

    /// <summary>Waits for a notification after the <see cref="Version"/> that was seen, or for the time-out.</summary>
    /// <returns>Whether there was a notification.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<bool> Wait(long seen, TimeSpan timeout, CancellationToken ct)
    {
        Task next;
        lock (_lock)
        {
            if (_version != seen)
            {
                return true;
            }

            next = _next.Task;
        }

        try
        {
            await next.WaitAsync(timeout, time, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
