using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Webhooks.Testing;

/// <summary>Stands between a client and PostgreSQL and cuts the client off at its first COMMIT; later connections pass, where they are not to be refused.</summary>
public sealed class SeveringProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly EndPoint _server;
    private readonly Func<Socket, ReadOnlyMemory<byte>, Task> _atCommit;
    private readonly Task _accepting;
    private readonly List<Task> _serving = [];
    private int _severed;

    /// <param name="atCommit">What becomes of the COMMIT: gets the way to the server, and the bytes.</param>
    public SeveringProxy(string connectionString, Func<Socket, ReadOnlyMemory<byte>, Task> atCommit)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        _server = settings.Host!.StartsWith('/')
            ? new UnixDomainSocketEndPoint($"{settings.Host}/.s.PGSQL.{settings.Port}")
            : new DnsEndPoint(settings.Host, settings.Port);
        _atCommit = atCommit;
        _listener.Start();
        settings.Host = "127.0.0.1";
        settings.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        settings.SslMode = SslMode.Disable;
        settings.GssEncryptionMode = GssEncryptionMode.Disable;
        ConnectionString = settings.ConnectionString;
        _accepting = Task.Run(Accept);
    }

    public string ConnectionString { get; }

    /// <summary>With the cut the server is gone: connections are refused from then on.</summary>
    public bool RefusesConnectionsLater { get; init; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();

        // Only when nobody is accepted any more is it known who is served.
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            _serving.Add(Serve(await _listener.AcceptSocketAsync(_stop.Token)));
        }
    }

    private async Task Serve(Socket client)
    {
        using var server = _server is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var closed = client;
        await server.ConnectAsync(_server, _stop.Token);
        await Task.WhenAny(Upwards(client, server), Downwards(server, client));
    }

    private async Task Upwards(Socket client, Socket server)
    {
        var buffer = new byte[64 * 1024];
        while (await client.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
        {
            var sent = buffer.AsMemory(0, count);
            if (sent.Span.IndexOf("COMMIT\0"u8) >= 0 && Interlocked.Exchange(ref _severed, 1) == 0)
            {
                if (RefusesConnectionsLater)
                {
                    _listener.Stop();
                }

                client.Close();
                await _atCommit(server, sent);
                return;
            }

            await server.SendAsync(sent, _stop.Token);
        }
    }

    private async Task Downwards(Socket server, Socket client)
    {
        var buffer = new byte[64 * 1024];
        while (await server.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
        {
            if (Volatile.Read(ref _severed) == 0 || client.Connected)
            {
                await client.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
    }
}
