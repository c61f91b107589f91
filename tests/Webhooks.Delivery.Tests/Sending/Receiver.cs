using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Webhooks.Delivery.Tests.Sending;

/// <summary>A server of bare sockets that answers every connection with a script, well or badly.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<Stream, CancellationToken, Task> _script;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentQueue<IPAddress> _dialled = [];
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly ConcurrentBag<Task> _conversations = [];
    private readonly Task _accepting;

    private Receiver(IPAddress address, Func<Receiver, Stream, CancellationToken, Task> script)
    {
        _script = (stream, ct) => script(this, stream, ct);
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;
    public Uri Url => new($"http://127.0.0.1:{Port}/hook");

    /// <summary>The local address of each connection that came.</summary>
    public IReadOnlyCollection<IPAddress> Dialled => _dialled;

    /// <summary>Every request as it stood on the wire, a byte a character.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Reads requests off each connection and answers each with these bytes.</summary>
    public static Receiver Answering(string response, IPAddress? address = null) => new(address ?? IPAddress.Loopback, async (self, stream, ct) =>
    {
        while (await self.ReadRequest(stream, ct) is not null)
        {
            await Write(stream, response, ct);
        }
    });

    /// <summary>Reads requests off each connection and answers each as the test decides by what it says.</summary>
    public static Receiver Answering(Func<string, Task<string>> answer) => new(IPAddress.Loopback, async (self, stream, ct) =>
    {
        while (await self.ReadRequest(stream, ct) is { } request)
        {
            await Write(stream, await answer(request).WaitAsync(ct), ct);
        }
    });

    /// <summary>Answers the first request of each connection, and hangs up when it has read the second.</summary>
    public static Receiver AnsweringOnce(string response) => new(IPAddress.Loopback, async (self, stream, ct) =>
    {
        if (await self.ReadRequest(stream, ct) is not null)
        {
            await Write(stream, response, ct);
            await self.ReadRequest(stream, ct);
        }
    });

    /// <summary>Reads one request off each connection, runs the script, and hangs up when it ends.</summary>
    public static Receiver Running(Func<Stream, CancellationToken, Task> script) => new(IPAddress.Loopback, async (self, stream, ct) =>
    {
        if (await self.ReadRequest(stream, ct) is not null)
        {
            await script(stream, ct);
        }
    });

    /// <summary>Runs the script from the first byte of each connection on.</summary>
    public static Receiver Raw(Func<Stream, CancellationToken, Task> script) => new(IPAddress.Loopback, (_, stream, ct) => script(stream, ct));

    public static Task Write(Stream stream, string text, CancellationToken ct) => stream.WriteAsync(Encoding.Latin1.GetBytes(text), ct).AsTask();

    public static Task Forever(CancellationToken ct) => Task.Delay(Timeout.InfiniteTimeSpan, ct);

    private async Task<string?> ReadRequest(Stream stream, CancellationToken ct)
    {
        var text = "";
        var buffer = new byte[4096];
        while (!IsWhole(text))
        {
            var read = await stream.ReadAsync(buffer, ct);
            if (read == 0)
            {
                return null;
            }

            text += Encoding.Latin1.GetString(buffer, 0, read);
        }

        _requests.Enqueue(text);
        return text;
    }

    private static bool IsWhole(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var length = text[..end].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal));
        return text.Length >= end + 4 + (length is null ? 0 : int.Parse(length["Content-Length: ".Length..]));
    }

    private async Task Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_closing.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _dialled.Enqueue(((IPEndPoint)socket.LocalEndPoint!).Address.MapToIPv4());
            _conversations.Add(Converse(socket));
        }
    }

    private async Task Converse(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await _script(stream, _closing.Token);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException)
        {
            // The sender hung up or disliked the certificate, or the test is over: that is how conversations end here.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _accepting;
        await Task.WhenAll(_conversations);
        _listener.Dispose();
        _closing.Dispose();
    }
}
