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
    /// <summary>As RFC 8305, section 8, has it.</summary>
    private static readonly TimeSpan NextAddressAfter = TimeSpan.FromMilliseconds(250);

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
    public static Task<IPAddress[]> AsGiven(string name, CancellationToken ct) => NameLookups.OfThisMachine.Find(name, ct);

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

    /// <summary>
    /// The first address that answers. One that is silent gets company after <see cref="NextAddressAfter"/> and does not cost
    /// the others their time (RFC 8305, section 5); the order is the resolver's.
    /// </summary>
    private static async Task<NetworkStream> Connect(IPAddress[] addresses, int port, CancellationToken ct)
    {
        using var race = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var (dialled, next) = (new List<Task<Socket>>(addresses.Length), 0);
        try
        {
            SocketException? last = null;
            while (next < addresses.Length || dialled.Count > 0)
            {
                if (next < addresses.Length)
                {
                    dialled.Add(Connect(new IPEndPoint(addresses[next++], port), race.Token));
                }

                if (await FirstDone(dialled, next < addresses.Length, ct) is not { } done)
                {
                    continue;
                }

                dialled.Remove(done);
                try
                {
                    return new NetworkStream(await done, ownsSocket: true);
                }
                catch (SocketException e)
                {
                    last = e;
                }
            }

            throw new DialException(FailureClass.Connect, "No connection could be made.", last);
        }
        finally
        {
            await race.CancelAsync();
            foreach (var late in dialled)
            {
                await HangUp(late);
            }
        }
    }

    /// <returns>Null: none is done, and it is another's turn.</returns>
    private static async Task<Task<Socket>?> FirstDone(List<Task<Socket>> dialled, bool areMore, CancellationToken ct)
    {
        try
        {
            return await Task.WhenAny(dialled).WaitAsync(areMore ? NextAddressAfter : Timeout.InfiniteTimeSpan, ct);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static async Task<Socket> Connect(IPEndPoint endpoint, CancellationToken ct)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task HangUp(Task<Socket> late)
    {
        try
        {
            (await late).Dispose();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // It never answered.
        }
    }
}
