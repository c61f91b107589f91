using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Webhooks.Delivery.Tests;

/// <summary>The line between a node and PostgreSQL, for a test to silence or to cut.</summary>
internal sealed class DatabaseLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _cut = new();
    private readonly ConcurrentBag<Call> _calls = [];
    private readonly EndPoint _server;
    private readonly Task _accepting;

    /// <param name="giveUpAfter">Seconds after which a command that is not answered is given up: on a line that falls silent, where nothing else ends it.</param>
    public DatabaseLine(string connectionString, int giveUpAfter = 60)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        _server = settings.Host!.StartsWith('/')
            ? new UnixDomainSocketEndPoint($"{settings.Host}/.s.PGSQL.{settings.Port}")
            : new DnsEndPoint(settings.Host, settings.Port);
        _listener.Start();
        settings.Host = "127.0.0.1";
        settings.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        settings.SslMode = SslMode.Disable;
        settings.GssEncryptionMode = GssEncryptionMode.Disable;
        settings.CommandTimeout = giveUpAfter;
        ConnectionString = settings.ConnectionString;
        _accepting = Task.Run(Accept);
    }

    public string ConnectionString { get; }

    /// <summary>Nothing comes through any more on what is connected now, and neither end is told. New connections pass.</summary>
    public void Silence()
    {
        foreach (var call in _calls)
        {
            call.IsSilent = true;
        }
    }

    /// <summary>Everything that is connected breaks off. New connections pass.</summary>
    public void Break()
    {
        foreach (var call in _calls)
        {
            call.HangUp.TrySetResult();
        }
    }

    /// <summary>Everything that is connected breaks off, and new connections are refused.</summary>
    public async Task Cut()
    {
        await _cut.CancelAsync();
        _listener.Stop();
        await Task.WhenAll([_accepting, .. _calls.Select(c => c.Ended)]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await Cut();
        _listener.Dispose();
        _cut.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            var client = await _listener.AcceptSocketAsync(_cut.Token);
            var call = new Call();
            call.Ended = Connect(call, client);
            _calls.Add(call);
        }
    }

    private async Task Connect(Call call, Socket client)
    {
        using var closed = client;
        using var server = _server is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        await server.ConnectAsync(_server, _cut.Token);
        await Task.WhenAny(Carry(call, client, server), Carry(call, server, client), call.HangUp.Task);
    }

    private async Task Carry(Call call, Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer, _cut.Token) is var count and > 0)
        {
            if (!call.IsSilent)
            {
                await to.SendAsync(buffer.AsMemory(0, count), _cut.Token);
            }
        }
    }

    private sealed class Call
    {
        public volatile bool IsSilent;

        public TaskCompletionSource HangUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended { get; set; } = Task.CompletedTask;
    }
}
