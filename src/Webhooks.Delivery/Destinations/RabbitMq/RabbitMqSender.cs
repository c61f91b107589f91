using RabbitMQ.Client;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Destinations.RabbitMq;

/// <summary>
/// Publishes to an exchange of RabbitMQ. A success is the broker's own confirm that the message is in every queue it was
/// routed to; a message that no queue takes comes back and is a failure.
/// </summary>
internal sealed class RabbitMqSender(EgressClient egress, TimeProvider time) : IDestination, IAsyncDisposable
{
    private static readonly SendResult Taken = new(null, null, null, [], [], false, TimeSpan.Zero);

    private readonly RabbitMqConnections _connections = new((target, tls, ct) => RabbitMqConnection.Open(egress, target, tls, ct), egress.Options.MaxOwnPools, time);

    public async Task<SendResult> Send(OutgoingRequest request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var started = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(request.Timeout, time);
        await using var caller = ct.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), deadline);
        var result = Taken;
        try
        {
            await Publish(request, deadline.Token);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct);
        }
        catch (Exception e)
        {
            result = RabbitMqFailures.Of(e, deadline.IsCancellationRequested);
        }

        return result with { Duration = time.GetElapsedTime(started) };
    }

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private async Task Publish(OutgoingRequest request, CancellationToken ct)
    {
        var message = request.Message!;
        var target = (RabbitMqTarget)message.Target;
        var body = request.Body ?? default;
        using var lease = await _connections.Rent(target, request.Options?.Tls, ct);
        await lease.Connection.Channel.BasicPublishAsync(
            target.Destination.Exchange, target.Destination.RoutingKey ?? message.EventType, mandatory: true, Properties(request, message),
            request.Options is { Gzip: true } ? Gzip.Compress(body) : body, ct);
    }

    private BasicProperties Properties(OutgoingRequest request, OutgoingMessage message)
    {
        var properties = new BasicProperties
        {
            Persistent = true,
            AppId = RequestHeaders.UserAgent,
            Type = message.EventType,
            Timestamp = new AmqpTimestamp(time.GetUtcNow().ToUnixTimeSeconds()),
        };
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in MessageAttributes.Of(request.Headers))
        {
            switch (name)
            {
                case "content-type":
                    properties.ContentType = value;
                    break;
                case "content-encoding":
                    properties.ContentEncoding = value;
                    break;
                case RequestHeaders.MessageId:
                    // Also among the headers, where signatures are verified from.
                    properties.MessageId = value;
                    headers[name] = value;
                    break;
                default:
                    headers[name] = value;
                    break;
            }
        }

        properties.Headers = headers;
        return properties;
    }
}
