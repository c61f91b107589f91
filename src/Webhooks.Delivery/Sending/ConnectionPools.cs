namespace Webhooks.Delivery.Sending;

/// <summary>
/// One pool of connections for all webhooks, and one for each TLS identity besides: a connection made with one webhook's
/// certificate is never another's. Those besides are bounded; the one not used for longest goes first, and is closed when
/// its last request is over.
/// </summary>
/// <param name="open">Makes the pool of an identity; of null, the common one. Also says until when the identity holds.</param>
/// <param name="capacity">Of pools besides the common one. While more of them are in use, more are open.</param>
internal sealed class ConnectionPools(Func<TlsIdentity?, (HttpMessageInvoker Invoker, DateTimeOffset ValidUntil)> open, int capacity) : IDisposable
{
    private readonly HttpMessageInvoker _common = open(null).Invoker;
    private readonly Dictionary<TlsIdentity, Pool> _own = [];
    private readonly Lock _lock = new();
    private long _turn;

    /// <summary>Dispose what is returned when the response is read.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The identity's PEM cannot be read.</exception>
    public Lease Rent(TlsIdentity? identity) => identity is null ? new Lease(this, null) : RentOwn(identity);

    public void Dispose()
    {
        _common.Dispose();
        foreach (var pool in _own.Values)
        {
            pool.Invoker.Dispose();
        }
    }

    private Lease RentOwn(TlsIdentity identity)
    {
        lock (_lock)
        {
            if (!_own.TryGetValue(identity, out var pool))
            {
                var (invoker, validUntil) = open(identity);
                pool = new Pool(invoker, validUntil);
                _own.Add(identity, pool);
            }

            pool.Uses++;
            pool.LastTurn = ++_turn;
            if (_own.Count > capacity)
            {
                Evict();
            }

            return new Lease(this, pool);
        }
    }

    private void Evict()
    {
        var (identity, oldest) = _own.MinBy(p => p.Value.LastTurn);
        _own.Remove(identity);
        oldest.IsEvicted = true;
        CloseIfOver(oldest);
    }

    private void Return(Pool pool)
    {
        lock (_lock)
        {
            pool.Uses--;
            CloseIfOver(pool);
        }
    }

    private static void CloseIfOver(Pool pool)
    {
        if (pool is { IsEvicted: true, Uses: 0 })
        {
            pool.Invoker.Dispose();
        }
    }

    /// <summary>The right to send through a pool, which stays open for so long.</summary>
    public readonly struct Lease(ConnectionPools pools, Pool? own) : IDisposable
    {
        public HttpMessageInvoker Invoker => own?.Invoker ?? pools._common;

        /// <summary>The end of the client certificate, where there is one.</summary>
        public DateTimeOffset ValidUntil => own?.ValidUntil ?? DateTimeOffset.MaxValue;

        public void Dispose()
        {
            if (own is not null)
            {
                pools.Return(own);
            }
        }
    }

    internal sealed class Pool(HttpMessageInvoker invoker, DateTimeOffset validUntil)
    {
        public HttpMessageInvoker Invoker { get; } = invoker;
        public DateTimeOffset ValidUntil { get; } = validUntil;
        public int Uses { get; set; }
        public long LastTurn { get; set; }
        public bool IsEvicted { get; set; }
    }
}
