using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;

namespace Webhooks.Delivery.Sending;

/// <summary>
/// Asks the machine's name service, which holds its thread for as long as a silent name server takes, whoever has given up
/// waiting meanwhile. So lookups have threads of their own, a bounded number of them, and a name has one at a time: the
/// threads that everything else runs on never wait for a customer's name server.
/// </summary>
/// <param name="ask">The addresses of a name; may block.</param>
/// <param name="maxThreads">Names that are looked up at a time at most; further ones wait within their deadline.</param>
internal sealed class NameLookups(Func<string, IPAddress[]> ask, int maxThreads)
{
    private const int StackBytes = 256 * 1024;

    /// <summary>As the machine resolves names, hosts file included.</summary>
    public static readonly NameLookups OfThisMachine = new(Dns.GetHostAddresses, 256);

    private readonly ConcurrentDictionary<string, Task<IPAddress[]>> _underWay = new(StringComparer.OrdinalIgnoreCase);
    private readonly Channel<string> _threads = Channel.CreateBounded<string>(maxThreads);

    /// <exception cref="System.Net.Sockets.SocketException">It has no address.</exception>
    public async Task<IPAddress[]> Find(string name, CancellationToken ct)
    {
        if (_underWay.TryGetValue(name, out var underWay))
        {
            return await underWay.WaitAsync(ct);
        }

        await _threads.Writer.WriteAsync(name, ct);
        var found = new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = _underWay.GetOrAdd(name, found.Task);
        if (asked != found.Task)
        {
            _threads.Reader.TryRead(out _);
            return await asked.WaitAsync(ct);
        }

        try
        {
            new Thread(() => Ask(name, found), StackBytes) { IsBackground = true, Name = "Name lookup" }.Start();
        }
        catch (Exception e)
        {
            // No memory for a thread.
            Fail(name, found, e);
        }

        return await found.Task.WaitAsync(ct);
    }

    private void Ask(string name, TaskCompletionSource<IPAddress[]> found)
    {
        IPAddress[] addresses;
        try
        {
            addresses = ask(name);
        }
        catch (Exception e)
        {
            Fail(name, found, e);
            return;
        }

        Leave(name);
        found.SetResult(addresses);
    }

    private void Fail(string name, TaskCompletionSource<IPAddress[]> found, Exception fault)
    {
        Leave(name);
        found.SetException(fault);

        // Those who waited may all be gone, and nobody looks at it.
        _ = found.Task.Exception;
    }

    /// <summary>Before anyone is told: who asks then, asks anew.</summary>
    private void Leave(string name)
    {
        _underWay.TryRemove(name, out _);
        _threads.Reader.TryRead(out _);
    }
}
