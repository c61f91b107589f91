using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Webhooks.Delivery.Sending;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Sending;

public sealed class NameLookupTests : IDisposable
{
    private readonly ManualResetEventSlim _speaks = new();
    private readonly ConcurrentQueue<string> _asked = [];

    public void Dispose() => _speaks.Dispose();

    private NameLookups Lookups(int maxThreads) => new(
        name =>
        {
            _asked.Enqueue(name);
            if (name.StartsWith("silent", StringComparison.Ordinal))
            {
                _speaks.Wait();
            }

            return name == "nowhere" ? throw new SocketException((int)SocketError.HostNotFound) : [IPAddress.Loopback];
        },
        maxThreads);

    [Fact]
    public async Task A_name_is_found_and_one_without_addresses_is_told_each_time()
    {
        var lookups = Lookups(1);
        Assert.Equal([IPAddress.Loopback], await lookups.Find("a", default));
        Assert.Equal([IPAddress.Loopback], await lookups.Find("a", default));
        await Assert.ThrowsAsync<SocketException>(() => lookups.Find("nowhere", default));
        await Assert.ThrowsAsync<SocketException>(() => lookups.Find("nowhere", default));
        Assert.Equal(["a", "a", "nowhere", "nowhere"], _asked);
    }

    [Fact]
    public async Task Who_gives_up_waiting_goes_and_the_lookup_serves_the_next_who_asks()
    {
        var lookups = Lookups(2);
        using var deadline = new CancellationTokenSource();
        var (first, second) = (lookups.Find("silent", deadline.Token), lookups.Find("SILENT", default));
        await deadline.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        Assert.Equal([IPAddress.Loopback], await lookups.Find("another", default));
        _speaks.Set();
        Assert.Equal([IPAddress.Loopback], await second);
        Assert.Equal(["silent", "another"], _asked.Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task Beyond_so_many_silent_names_others_wait_and_the_pool_has_its_threads()
    {
        var lookups = Lookups(2);
        var silent = new[] { lookups.Find("silent1", default), lookups.Find("silent2", default) };
        var other = lookups.Find("other", default);
        await Task.Run(() => Assert.False(other.IsCompleted), TestContext.Current.CancellationToken);
        await Eventually.Is(() => _asked.Count == 2, "both silent ones are asked");

        _speaks.Set();
        Assert.Equal([IPAddress.Loopback], await other);
        await Task.WhenAll(silent);
        Assert.Equal("other", _asked.Last());
    }
}
