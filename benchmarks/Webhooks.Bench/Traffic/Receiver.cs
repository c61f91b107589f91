using System.Net;
using System.Net.Sockets;
using Webhooks.Bench.Measuring;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Bench.Traffic;

/// <summary>Answers every request with 200 and an empty body. One thread, no allocation per request: it shares the machine with what is measured.</summary>
internal sealed class Receiver : IDisposable
{
    private const int ListenerTag = -1;
    private static readonly byte[] Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
    private static readonly byte[] DeliveryHeader = System.Text.Encoding.ASCII.GetBytes(RequestHeaders.DeliveryId);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Readiness _readiness = new();
    private readonly List<Peer?> _peers = [];
    private readonly HashSet<(ulong, ulong)> _seen = new(1 << 20);
    private readonly Lock _lock = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private long _distinct;
    private long _repeated;

    public Receiver()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _readiness.Watch(_listener, ListenerTag);
        _thread = new Thread(Run) { Name = "receiver", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The address of one of any number of webhooks.</summary>
    public Uri Url(int webhook) => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/hooks/{webhook}");

    /// <summary>Deliveries since the last <see cref="Begin"/>, each counted once however often it came.</summary>
    public long Distinct => Volatile.Read(ref _distinct);

    /// <summary>Requests since then beyond the first of a delivery.</summary>
    public long Repeated => Volatile.Read(ref _repeated);

    /// <summary>From the moment an event was due to be emitted to its arrival here.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>When deliveries came, each counted once.</summary>
    public Arrivals Arrivals { get; } = new();

    /// <summary>Counts from zero. Call it when nothing is under way.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _seen.Clear();
            Latencies.Clear();
            Arrivals.Clear();
            Volatile.Write(ref _distinct, 0);
            Volatile.Write(ref _repeated, 0);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _peers.ForEach(p => p?.Socket.Dispose());
        _listener.Dispose();
        _readiness.Dispose();
    }

    private void Run()
    {
        Span<int> ready = stackalloc int[256];
        while (!_stopping)
        {
            var count = _readiness.Wait(ready, TimeSpan.FromMilliseconds(100));
            lock (_lock)
            {
                foreach (var tag in ready[..count])
                {
                    if (tag == ListenerTag)
                    {
                        Accept();
                    }
                    else if (_peers[tag] is { } peer && !Serve(peer))
                    {
                        // Closing it ends the watch too.
                        peer.Socket.Dispose();
                        _peers[tag] = null;
                    }
                }
            }
        }
    }

    private void Accept()
    {
        var socket = _listener.Accept();
        socket.NoDelay = true;
        _peers.Add(new Peer(socket));
        _readiness.Watch(socket, _peers.Count - 1);
    }

    /// <returns>False when the other side is gone.</returns>
    private bool Serve(Peer peer)
    {
        if (!peer.Receive())
        {
            return false;
        }

        var head = HttpFrame.WholeHead(peer.Received);
        if (head == 0)
        {
            return true;
        }

        Count(peer.Received, head);
        peer.Clear();
        return peer.Send(Ok);
    }

    private void Count(ReadOnlySpan<byte> request, int head)
    {
        // The id is dlv_ and text made from 128 bits: two words of it tell deliveries apart.
        var id = HttpFrame.Header(request[..head], DeliveryHeader);
        if (_seen.Add((BitConverter.ToUInt64(id[^16..]), BitConverter.ToUInt64(id[^8..]))))
        {
            Arrivals.Add();
            Volatile.Write(ref _distinct, _distinct + 1);
        }
        else
        {
            Volatile.Write(ref _repeated, _repeated + 1);
        }

        if (Payload.Age(request[head..]) is { } age)
        {
            Latencies.Add(age);
        }
    }
}
