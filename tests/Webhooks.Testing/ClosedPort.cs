using System.Net;
using System.Net.Sockets;

namespace Webhooks.Testing;

/// <summary>A loopback port at which connections are refused for as long as this lives: it is taken, so that nobody else listens there meanwhile, and not listened at.</summary>
public sealed class ClosedPort : IDisposable
{
    private readonly Socket _taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort() => _taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Port => ((IPEndPoint)_taken.LocalEndPoint!).Port;

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public void Dispose() => _taken.Dispose();
}
