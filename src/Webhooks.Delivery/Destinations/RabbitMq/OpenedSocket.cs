using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;

namespace Webhooks.Delivery.Destinations.RabbitMq;

/// <summary>Hands the client library a connection that the guard has made: it gets no chance to dial.</summary>
internal sealed class OpenedSocket(NetworkStream stream) : ITcpClient
{
    public bool Connected => stream.Socket.Connected;

    public TimeSpan ReceiveTimeout { get; set; }

    public Socket Client => stream.Socket;

    /// <summary>Nothing is left to do, whatever the address.</summary>
    public Task ConnectAsync(IPAddress host, int port, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public NetworkStream GetStream() => stream;

    public void Close() => stream.Dispose();

    public void Dispose() => Close();
}
