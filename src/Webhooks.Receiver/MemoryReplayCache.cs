namespace Webhooks.Receiver;

/// <summary>
/// The keys handled last, in this process's memory. A restart forgets them, so what must never happen twice belongs
/// into the database transaction that does it.
/// </summary>
/// <param name="keep">How long a key is kept; longer than the sender goes on retrying.</param>
/// <param name="capacity">Keys kept at most; the oldest go first.</param>
/// <param name="time">The clock.</param>
public sealed class MemoryReplayCache(TimeSpan keep, int capacity = 100_000, TimeProvider? time = null) : IReplayCache
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly HashSet<string> _claimed = [];
    private readonly HashSet<string> _handled = [];
    private readonly Queue<(string Key, DateTimeOffset Until)> _byAge = new();

    public ValueTask<ReplayClaim> Claim(string key, CancellationToken ct)
    {
        lock (_lock)
        {
            Forget();
            return new(_handled.Contains(key) ? ReplayClaim.Handled : _claimed.Add(key) ? ReplayClaim.New : ReplayClaim.BeingHandled);
        }
    }

    public ValueTask Keep(string key)
    {
        lock (_lock)
        {
            _claimed.Remove(key);
            if (_handled.Add(key))
            {
                _byAge.Enqueue((key, _time.GetUtcNow() + keep));
            }

            Forget();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask Release(string key)
    {
        lock (_lock)
        {
            _claimed.Remove(key);
        }

        return ValueTask.CompletedTask;
    }

    private void Forget()
    {
        var now = _time.GetUtcNow();
        while (_byAge.TryPeek(out var oldest) && (oldest.Until <= now || _byAge.Count > capacity))
        {
            _handled.Remove(_byAge.Dequeue().Key);
        }
    }
}
