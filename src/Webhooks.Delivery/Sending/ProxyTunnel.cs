using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Sending;

/// <summary>
/// Ways through the operator's proxy, to addresses that are judged already: the proxy is told an address and never a
/// name, so it has nothing to resolve otherwise. All that goes wrong before the way is open is the proxy's fault.
/// </summary>
internal sealed class ProxyTunnel(ProxyAddress proxy)
{
    private const int MaxHead = 8192;

    /// <summary>Opens the way to the first address that the proxy reaches.</summary>
    /// <exception cref="DialException">Of class proxy.</exception>
    public async Task<NetworkStream> Open(IPAddress[] targets, int port, CancellationToken ct)
    {
        var status = 0;
        foreach (var target in targets)
        {
            var stream = await Dial(ct);
            try
            {
                status = await Ask(stream, new IPEndPoint(target, port), ct);
                if (status is >= 200 and <= 299)
                {
                    return stream;
                }

                await stream.DisposeAsync();
            }
            catch (Exception e)
            {
                await stream.DisposeAsync();
                throw e is IOException or SocketException ? new DialException(FailureClass.Proxy, "The connection to this installation's proxy broke.", e) : e;
            }

            // It could not reach this address; a refusal would be the same for the next.
            if (status is not (502 or 503 or 504))
            {
                break;
            }
        }

        throw new DialException(FailureClass.Proxy, $"This installation's proxy answered {status}.");
    }

    private async Task<NetworkStream> Dial(CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(proxy.Host, proxy.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e is SocketException ? new DialException(FailureClass.Proxy, "This installation's proxy could not be reached.", e) : e;
        }
    }

    private async Task<int> Ask(Stream stream, IPEndPoint target, CancellationToken ct)
    {
        var credentials = proxy.Authorization is { } authorization ? $"Proxy-Authorization: {authorization}\r\n" : "";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{credentials}\r\n"), ct);
        var (head, length) = (new byte[MaxHead], 0);
        while (length < MaxHead)
        {
            var read = await stream.ReadAsync(head.AsMemory(length), ct);
            length += read;
            var end = head.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                // In every protocol that goes through here we speak first: more than the head would be the proxy's own words.
                var status = Status(head.AsSpan(0, end));
                return status is < 200 or > 299 || end + 4 == length ? status : throw NotHttp();
            }

            if (read == 0)
            {
                throw NotHttp();
            }
        }

        throw NotHttp();
    }

    private static int Status(ReadOnlySpan<byte> head) =>
        head.Length >= 12 && head.StartsWith("HTTP/1."u8) && head[8] == ' '
        && int.TryParse(head[9..12], NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status >= 200
            ? status
            : throw NotHttp();

    private static DialException NotHttp() => new(FailureClass.Proxy, "This installation's proxy did not answer as a proxy does.");
}
