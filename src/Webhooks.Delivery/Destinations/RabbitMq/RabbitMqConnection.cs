using RabbitMQ.Client;
using Webhooks.Delivery.Sending;

namespace Webhooks.Delivery.Destinations.RabbitMq;

/// <summary>A connection of one webhook to its broker, and the one channel on it, which confirms what it publishes.</summary>
internal sealed class RabbitMqConnection(IConnection connection, IChannel channel) : IAsyncDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    /// <summary>What a broker may make this node hold, logged in or not: nothing comes back but a message that no queue took. One larger than this fails by its connection.</summary>
    private const uint MaxInboundBytes = 1024 * 1024;

    public IChannel Channel => channel;

    /// <summary>Neither heals by itself: what is closed is replaced as a whole.</summary>
    public bool IsOpen => connection.IsOpen && channel.IsOpen;

    public static async Task<RabbitMqConnection> Open(EgressClient egress, RabbitMqTarget target, TlsIdentity? tls, CancellationToken ct)
    {
        var broker = target.Destination;
        var stream = await egress.Connect(broker.Host, broker.Port, broker.Tls, tls, ct);
        var opened = new OpenedSocket(stream);
        var factory = new ConnectionFactory
        {
            // The way is open already, so this is dialled by nobody; a name here would only be resolved once more.
            Endpoint = new AmqpTcpEndpoint("127.0.0.1", broker.Port, new SslOption(), MaxInboundBytes),
            SocketFactory = _ => opened,
            UserName = broker.User,
            Password = target.Password,
            VirtualHost = broker.Vhost,
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = Heartbeat,
            ClientProvidedName = "Webhooks",
        };
        IConnection? connection = null;
        try
        {
            connection = await factory.CreateConnectionAsync(ct);
            var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), ct);
            return new RabbitMqConnection(connection, channel);
        }
        catch
        {
            if (connection is not null)
            {
                await Close(connection);
            }

            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says goodbye where the broker listens, and hangs up in any case.</summary>
    public async ValueTask DisposeAsync()
    {
        await Close(connection);
        await channel.DisposeAsync();
    }

    /// <summary>Its channels with it; never throws, since the other side may be long gone.</summary>
    private static async Task Close(IConnection connection)
    {
        await connection.CloseAsync(Constants.ReplySuccess, "Goodbye", Goodbye, abort: true, CancellationToken.None);
        await connection.DisposeAsync();
    }
}
