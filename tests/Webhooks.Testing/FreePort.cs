using System.Net;
using System.Net.Sockets;

namespace Webhooks.Testing;

/// <summary>A loopback port for a process that cannot report which one it got. Prefer port 0 where the listener is ours.</summary>
public static class FreePort
{
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
