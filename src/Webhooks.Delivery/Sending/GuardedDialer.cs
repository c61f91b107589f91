using System.Net;
using System.Net.Sockets;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Sending;

/// <summary>The addresses of a host name.</summary>
internal delegate Task<IPAddress[]> ResolveName(string name, CancellationToken ct);

/// <summary>
/// Opens the connections of every outgoing request. It resolves the name itself and dials only addresses it has judged:
/// nothing can change between the check and the connect.
/// </summary>
/// <param name="tunnel">Null: no proxy on the way.</param>
internal sealed class GuardedDialer(AllowedNetworks allowed, ResolveName resolve, ProxyTunnel? tunnel)
{
    private const string BlockedDetail = "The address is one that this installation does not send to.";

    public async ValueTask<Stream> Dial(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Judged(host, port, UrlRules.AllowsPort, ct);
        return tunnel is null ? await Connect(addresses, port, ct) : await Tunnel(context, tunnel, addresses, port, ct);
    }

    /// <summary>The same to a message broker, whose own port is allowed beside those of the web.</summary>
    /// <exception cref="DialException">No connection was made.</exception>
    public async Task<NetworkStream> DialBroker(string host, int port, CancellationToken ct)
    {
        var addresses = await Judged(host, port, UrlRules.AllowsBrokerPort, ct);
        return tunnel is null ? await Connect(addresses, port, ct) : await tunnel.Open(addresses, port, ct);
    }

    /// <summary>One forbidden address condemns the name: who mixes public and private ones waits for us to pick the wrong one.</summary>
    private async Task<IPAddress[]> Judged(string host, int port, Func<int, bool> allowsPort, CancellationToken ct)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Resolve(host, ct);
        return Array.TrueForAll(addresses, address => AddressRules.Judge(address, allowed) is null && (allowsPort(port) || allowed.Contain(address)))
            ? addresses
            : throw new DialException(FailureClass.Blocked, BlockedDetail);
    }

    private static async Task<Stream> Tunnel(SocketsHttpConnectionContext context, ProxyTunnel tunnel, IPAddress[] addresses, int port, CancellationToken ct)
    {
        context.InitialRequestMessage.Options.TryGetValue(DialProgress.Of, out var progress);
        progress?.AtProxy = true;
        var stream = await tunnel.Open(addresses, port, ct);
        progress?.AtProxy = false;
        return stream;
    }

    /// <summary>As the name service of the machine resolves it, hosts file and search domains included.</summary>
    public static Task<IPAddress[]> AsGiven(string name, CancellationToken ct) => Dns.GetHostAddressesAsync(name, ct);

    /// <summary>Without search domains: the name is meant from the root, and cannot come to mean a host of ours.</summary>
    public static Task<IPAddress[]> FromRoot(string name, CancellationToken ct) =>
        AsGiven(name.Contains('.') && !name.EndsWith('.') ? name + "." : name, ct);

    private async Task<IPAddress[]> Resolve(string host, CancellationToken ct)
    {
        try
        {
            return await resolve(host, ct) is { Length: > 0 } addresses ? addresses : throw NotResolved(null);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw NotResolved(e);
        }
    }

    private static DialException NotResolved(Exception? cause) => new(FailureClass.Dns, "The host name did not resolve.", cause);

    private static async Task<NetworkStream> Connect(IPAddress[] addresses, int port, CancellationToken ct)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new DialException(FailureClass.Connect, "No connection could be made.", last);
    }
}
