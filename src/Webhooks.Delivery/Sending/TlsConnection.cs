using System.Net.Security;
using System.Net.Sockets;

namespace Webhooks.Delivery.Sending;

/// <summary>
/// A connection within TLS for a client that insists on a stream of a socket: what it reads and writes is what is inside.
/// A client's own TLS would fetch certificates that a server names, and so go around the guard.
/// </summary>
internal sealed class TlsConnection : NetworkStream
{
    private readonly SslStream _inside;

    private TlsConnection(NetworkStream connection)
        : base(connection.Socket, ownsSocket: true) => _inside = new SslStream(connection);

    /// <exception cref="System.Security.Authentication.AuthenticationException">The handshake failed.</exception>
    public static async Task<TlsConnection> Open(NetworkStream connection, SslClientAuthenticationOptions options, CancellationToken ct)
    {
        var secured = new TlsConnection(connection);
        try
        {
            await secured._inside.AuthenticateAsClientAsync(options, ct);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => _inside.Read(buffer, offset, count);
    public override int Read(Span<byte> buffer) => _inside.Read(buffer);
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _inside.ReadAsync(buffer, offset, count, cancellationToken);
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _inside.ReadAsync(buffer, cancellationToken);
    public override void Write(byte[] buffer, int offset, int count) => _inside.Write(buffer, offset, count);
    public override void Write(ReadOnlySpan<byte> buffer) => _inside.Write(buffer);
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _inside.WriteAsync(buffer, offset, count, cancellationToken);
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _inside.WriteAsync(buffer, cancellationToken);
    public override void Flush() => _inside.Flush();
    public override Task FlushAsync(CancellationToken cancellationToken) => _inside.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inside.Dispose();
        }

        base.Dispose(disposing);
    }
}
