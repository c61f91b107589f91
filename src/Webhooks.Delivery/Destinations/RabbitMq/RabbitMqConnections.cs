using Webhooks.Delivery.Sending;

namespace Webhooks.Delivery.Destinations.RabbitMq;

/// <summary>
/// A connection for each webhook that publishes, made when it is first needed and closed when it has not been used for a
/// minute. None is shared: a webhook whose exchange is gone closes its own channel and nobody else's.
/// </summary>
/// <param name="open">Makes a connection.</param>
/// <param name="capacity">Beyond it the one not used for longest is closed, once nobody uses it.</param>
internal sealed class RabbitMqConnections(Func<RabbitMqTarget, TlsIdentity?, CancellationToken, Task<RabbitMqConnection>> open, int capacity, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Of the connecting; those who wait for it have deadlines of their own.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan IdleFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(15);

    private readonly Dictionary<(RabbitMqTarget Target, TlsIdentity? Tls), Entry> _entries = [];
    private readonly Lock _lock = new();
    private ITimer? _looking;

    /// <summary>Dispose what is returned when the message is confirmed.</summary>
    public async Task<Lease> Rent(RabbitMqTarget target, TlsIdentity? tls, CancellationToken ct)
    {
        var entry = Take((target, tls));
        try
        {
            entry.Opened = await entry.Connection.WaitAsync(ct);
            return new Lease(this, entry, entry.Opened);
        }
        catch
        {
            Return(entry);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Entry[] all;
        lock (_lock)
        {
            _looking?.Dispose();
            all = [.. _entries.Values];
            _entries.Clear();
        }

        foreach (var entry in all)
        {
            await Close(entry);
        }
    }

    private Entry Take((RabbitMqTarget, TlsIdentity?) key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var entry) && !entry.IsUsable)
            {
                Drop(key, entry);
                entry = null;
            }

            if (entry is null)
            {
                entry = new Entry(Open(key.Item1, key.Item2));
                _entries.Add(key, entry);
                _looking ??= time.CreateTimer(static self => ((RabbitMqConnections)self!).CloseIdle(), this, BetweenLooks, BetweenLooks);
                if (_entries.Count > capacity)
                {
                    var (oldest, held) = _entries.MinBy(e => e.Value == entry ? long.MaxValue : e.Value.LastUsed);
                    Drop(oldest, held);
                }
            }

            entry.Uses++;
            entry.LastUsed = time.GetTimestamp();
            return entry;
        }
    }

    private async Task<RabbitMqConnection> Open(RabbitMqTarget target, TlsIdentity? tls)
    {
        // Whoever asked holds the lock; what follows is done outside of it.
        await Task.Yield();
        using var deadline = new CancellationTokenSource(Deadline, time);
        return await open(target, tls, deadline.Token);
    }

    private void CloseIdle()
    {
        lock (_lock)
        {
            foreach (var (key, entry) in _entries.Where(e => e.Value.Uses == 0 && time.GetElapsedTime(e.Value.LastUsed) > IdleFor).ToList())
            {
                Drop(key, entry);
            }
        }
    }

    private void Drop((RabbitMqTarget, TlsIdentity?) key, Entry entry)
    {
        _entries.Remove(key);
        entry.IsDropped = true;
        CloseIfOver(entry);
    }

    private void Return(Entry entry)
    {
        lock (_lock)
        {
            entry.Uses--;
            CloseIfOver(entry);
        }
    }

    private static void CloseIfOver(Entry entry)
    {
        if (entry is { IsDropped: true, Uses: 0 })
        {
            _ = Close(entry);
        }
    }

    private static async Task Close(Entry entry)
    {
        await Task.Yield();
        await entry.Connection.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (entry.Connection.IsCompletedSuccessfully)
        {
            await (await entry.Connection).DisposeAsync();
        }
    }

    /// <summary>The right to publish on a connection, which stays open for so long.</summary>
    public readonly struct Lease(RabbitMqConnections connections, Entry entry, RabbitMqConnection connection) : IDisposable
    {
        public RabbitMqConnection Connection => connection;

        public void Dispose() => connections.Return(entry);
    }

    /// <summary>Uses and fate change under the lock.</summary>
    internal sealed class Entry(Task<RabbitMqConnection> connection)
    {
        public Task<RabbitMqConnection> Connection => connection;
        public int Uses { get; set; }
        public long LastUsed { get; set; }
        public bool IsDropped { get; set; }

        /// <summary>Null until somebody has waited for it.</summary>
        public RabbitMqConnection? Opened { get; set; }

        /// <summary>Also while it is being made.</summary>
        public bool IsUsable => !connection.IsCompleted || (connection.IsCompletedSuccessfully && Opened is not { IsOpen: false });
    }
}
