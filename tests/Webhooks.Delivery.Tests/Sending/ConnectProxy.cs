using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Webhooks.Delivery.Tests.Sending;

/// <summary>A forward proxy that knows CONNECT alone, and opens the way to a port of loopback whatever address it is told.</summary>
internal sealed class ConnectProxy : IAsyncDisposable
{
    private readonly Receiver _listener;
    private readonly ConcurrentQueue<string> _asked = [];

    private ConnectProxy(Func<string, string> answer) => _listener = Receiver.Raw((stream, ct) => Serve(stream, answer, ct));

    public int Port => _listener.Port;

    /// <summary>The head of each request that came.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public static ConnectProxy Open() => new(_ => "HTTP/1.1 200 Connection established\r\n\r\n");

    /// <param name="answer">By the head of the request; after a status of 200 and nothing more than a head the way is open.</param>
    public static ConnectProxy Answering(Func<string, string> answer) => new(answer);

    private async Task Serve(Stream stream, Func<string, string> answer, CancellationToken ct)
    {
        var head = await Head(stream, ct);
        _asked.Enqueue(head);
        var reply = answer(head);
        await Receiver.Write(stream, reply, ct);
        if (!reply.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) || reply.IndexOf("\r\n\r\n", StringComparison.Ordinal) != reply.Length - 4)
        {
            return;
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, int.Parse(head.Split(' ')[1].Split(':')[^1]), ct);
        await using var target = new NetworkStream(socket);
        await Task.WhenAny(stream.CopyToAsync(target, ct), target.CopyToAsync(stream, ct));
    }

    private static async Task<string> Head(Stream stream, CancellationToken ct)
    {
        var (head, one) = (new StringBuilder(), new byte[1]);
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, ct);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
