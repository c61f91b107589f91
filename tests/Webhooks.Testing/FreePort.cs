using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Webhooks.Testing;

/// <summary>
/// A loopback port for a process that cannot report which one it got, or at which nobody shall listen. Prefer port 0 where the
/// listener is ours. Below the ports that the system gives to whoever asks for any, a client's end of a connection included:
/// one of those may be another's before it is used.
/// </summary>
public static class FreePort
{
    private const int Lowest = 10_000;
    private const string Range = "/proc/sys/net/ipv4/ip_local_port_range";

    private static readonly int FirstOfTheSystem = File.Exists(Range)
        ? int.Parse(File.ReadAllText(Range).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture)
        : 49_152;

    // Test processes that run side by side begin apart; what one has given out it does not give out soon again.
    private static int _last = Random.Shared.Next(FirstOfTheSystem);

    public static int Find()
    {
        while (true)
        {
            var port = Lowest + (int)((uint)Interlocked.Increment(ref _last) % Math.Max(1, FirstOfTheSystem - Lowest));
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, FirstOfTheSystem > Lowest ? port : 0);
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody's: the next one.
            }
        }
    }
}
