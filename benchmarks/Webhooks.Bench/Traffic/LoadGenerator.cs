using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Webhooks.Bench.Targets;

namespace Webhooks.Bench.Traffic;

/// <summary>
/// Emits over keep-alive HTTP/1.1 connections, one request at a time on each, all served by the calling thread: a client
/// library would use more of the machine than the service that is measured.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    private readonly Readiness _readiness = new();
    private readonly Peer[] _peers;
    private readonly EmitRequest _request;
    private readonly Stack<int> _idle = new();
    private readonly Queue<long> _late = new();
    private long _accepted;
    private long _answered;
    private long _sent;

    public LoadGenerator(IPEndPoint service, int connections, EmitRequest request)
    {
        _request = request;
        _peers = new Peer[connections];
        for (var i = 0; i < connections; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(service);
            _peers[i] = new Peer(socket);
            _readiness.Watch(socket, i);
            _idle.Push(i);
        }
    }

    /// <summary>A closed loop: each connection sends again when it has its answer.</summary>
    public Emitted Flood(TimeSpan duration, CancellationToken ct)
    {
        var started = Stopwatch.StartNew();
        while (started.Elapsed < duration && !ct.IsCancellationRequested)
        {
            while (_idle.TryPop(out var idle))
            {
                Send(idle, Stopwatch.GetTimestamp());
            }

            TakeAnswers(TimeSpan.FromMilliseconds(100));
        }

        return Finish(started, ct);
    }

    /// <summary>An open loop. An event that finds all connections busy waits for one, and grows old meanwhile.</summary>
    public Emitted Pace(int perSecond, TimeSpan duration, CancellationToken ct)
    {
        var started = Stopwatch.StartNew();
        Schedule.Run(perSecond, duration, due =>
        {
            _late.Enqueue(due);
            TakeAnswers(TimeSpan.Zero);
            SendLate();
        }, wait =>
        {
            TakeAnswers(wait);
            SendLate();
        }, ct);
        while (_late.Count > 0 && !ct.IsCancellationRequested)
        {
            TakeAnswers(TimeSpan.FromMilliseconds(100));
            SendLate();
        }

        return Finish(started, ct);
    }

    public void Dispose()
    {
        foreach (var peer in _peers)
        {
            peer.Socket.Dispose();
        }

        _readiness.Dispose();
    }

    private Emitted Finish(Stopwatch started, CancellationToken ct)
    {
        var waiting = Stopwatch.StartNew();
        while (_answered < _sent && waiting.Elapsed < LongestAnswer && !ct.IsCancellationRequested)
        {
            TakeAnswers(TimeSpan.FromMilliseconds(100));
        }

        ct.ThrowIfCancellationRequested();
        return new Emitted(_accepted, (_sent * _request.Events) - _accepted, started.Elapsed);
    }

    private void SendLate()
    {
        while (_late.Count > 0 && _idle.TryPop(out var idle))
        {
            Send(idle, _late.Dequeue());
        }
    }

    private void Send(int peer, long due)
    {
        if (!_peers[peer].Send(_request.DueAt(due)))
        {
            throw Closed();
        }

        _sent++;
    }

    private void TakeAnswers(TimeSpan timeout)
    {
        Span<int> ready = stackalloc int[256];
        var count = _readiness.Wait(ready, timeout);
        foreach (var tag in ready[..count])
        {
            var peer = _peers[tag];
            if (!peer.Receive())
            {
                throw Closed();
            }

            if (HttpFrame.WholeHead(peer.Received) > 0)
            {
                _answered++;
                _accepted += _request.Accepted(peer.Received);
                peer.Clear();
                _idle.Push(tag);
            }
        }
    }

    private static IOException Closed() => new("The service closed a connection under load.");
}
