using System.Text;
using RabbitMQ.Client;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Destinations.RabbitMq;
using Webhooks.Delivery.Sending;
using Webhooks.Delivery.Tests.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Against a real broker: what is confirmed is in the queue, and what is not is a failure.</summary>
public sealed class RabbitMqTests(RabbitMqBroker broker) : IClassFixture<RabbitMqBroker>, IAsyncLifetime
{
    private readonly string _queue = $"q-{Guid.NewGuid():N}";
    private EgressClient? _egress;
    private DestinationSet _destinations = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(broker.IsThere, RabbitMqBroker.Missing);
        _egress = Sends.Client();
        _destinations = new DestinationSet(_egress, TimeProvider.System);
        _connection = await broker.Connect();
        _channel = await _connection.CreateChannelAsync();
        await _channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 3, ["x-overflow"] = "reject-publish" });
        await _channel.ExchangeDeclareAsync($"x-{_queue}", ExchangeType.Topic, durable: true);
        await _channel.QueueBindAsync(_queue, $"x-{_queue}", "order.*");
    }

    public async ValueTask DisposeAsync()
    {
        if (_egress is null)
        {
            return;
        }

        await _destinations.DisposeAsync();
        _egress.Dispose();
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private RabbitMqTarget Target(string password = "guest", string vhost = "/", string exchange = "", string? routingKey = null) => new(
        "wh_1", new RabbitMqDestination("127.0.0.1", broker.Port, Tls: false, vhost, "guest", new SealedSecret("sealed:1"), exchange, exchange.Length == 0 ? routingKey ?? _queue : routingKey), password);

    private Task<SendResult> Send(RabbitMqTarget target, SendOptions? options = null, params Header[] headers) =>
        _destinations.For(target).Send(Targets.Message(target, """{"a":1}""", null, headers) with { Options = options }, Ct);

    [Fact]
    public async Task A_confirmed_message_is_in_the_queue_with_its_headers()
    {
        var result = await Send(Target(exchange: $"x-{_queue}"), headers: new Header("Webhook-Signature", "v1,abc="));
        Assert.Equal((null, null, null), (result.Failure, result.Detail, result.StatusCode));
        var message = (await _channel.BasicGetAsync(_queue, autoAck: true))!;
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(message.Body.Span));
        Assert.Equal(($"x-{_queue}", "order.paid"), (message.Exchange, message.RoutingKey));
        var properties = message.BasicProperties;
        Assert.Equal(("evt_1", "order.paid", "application/json", true), (properties.MessageId, properties.Type, properties.ContentType, properties.Persistent));
        Assert.Equal("v1,abc=", Encoding.UTF8.GetString((byte[])properties.Headers!["webhook-signature"]!));
        Assert.Equal("evt_1", Encoding.UTF8.GetString((byte[])properties.Headers["webhook-id"]!));
    }

    [Fact]
    public async Task Many_at_once_share_a_connection_and_each_has_its_own_outcome()
    {
        var routed = Target();
        var unrouted = routed with { Destination = routed.Destination with { RoutingKey = "nobody" } };
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Send(i < 3 ? routed : unrouted)));
        Assert.Equal(3, results.Count(r => r.Failure is null));
        Assert.Equal(17, results.Count(r => r is { Failure: FailureClass.Status, StatusCode: 312 }));
        Assert.Equal(3u, await _channel.MessageCountAsync(_queue));
    }

    [Fact]
    public async Task A_message_that_no_queue_takes_is_a_failure()
    {
        var result = await Send(Target(routingKey: "nobody"));
        Assert.Equal((FailureClass.Status, 312, "The broker answered 312 (NO_ROUTE): no queue takes the message."), (result.Failure, result.StatusCode, result.Detail));
    }

    [Fact]
    public async Task A_message_that_a_full_queue_rejects_is_a_failure_and_the_next_is_tried()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Null((await Send(Target())).Failure);
        }

        var result = await Send(Target());
        Assert.Equal((FailureClass.Status, 506), (result.Failure, result.StatusCode));
        await _channel.QueuePurgeAsync(_queue);
        Assert.Null((await Send(Target())).Failure);
    }

    [Fact]
    public async Task An_exchange_that_is_not_there_is_a_failure_until_it_is_there()
    {
        var target = Target(exchange: $"y-{_queue}", routingKey: "k");
        var result = await Send(target);
        Assert.Equal((FailureClass.Status, 404, "The broker answered 404 (NOT_FOUND): it closed the channel or the connection."), (result.Failure, result.StatusCode, result.Detail));
        await _channel.ExchangeDeclareAsync(target.Destination.Exchange, ExchangeType.Direct);
        await _channel.QueueBindAsync(_queue, target.Destination.Exchange, "k");
        Assert.Null((await Send(target)).Failure);
    }

    [Fact]
    public async Task A_wrong_password_or_virtual_host_is_told_apart()
    {
        var refused = await Send(Target(password: "wrong"));
        Assert.Equal((FailureClass.Auth, "The broker refused the user or the password."), (refused.Failure, refused.Detail));
        var elsewhere = await Send(Target(vhost: "nowhere"));
        Assert.Equal((FailureClass.Status, 530), (elsewhere.Failure, elsewhere.StatusCode));
    }

    [Fact]
    public async Task Compressed_bodies_say_so()
    {
        Assert.Null((await Send(Target(), new SendOptions(Gzip: true), new Header("Content-Encoding", "gzip"))).Failure);
        var message = (await _channel.BasicGetAsync(_queue, autoAck: true))!;
        Assert.Equal("gzip", message.BasicProperties.ContentEncoding);
        Assert.Equal([0x1f, 0x8b], message.Body[..2].ToArray());
    }

    [Fact]
    public async Task By_TLS_the_brokers_certificate_is_checked_as_a_receivers_is()
    {
        var target = Target();
        target = target with { Destination = target.Destination with { Port = broker.TlsPort, Tls = true } };
        Assert.Null((await Send(target, new SendOptions(Tls: new TlsIdentity(null, null, broker.RootPem)))).Failure);
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString((await _channel.BasicGetAsync(_queue, autoAck: true))!.Body.Span));
        var refused = await Send(target);
        Assert.Equal((FailureClass.Tls, "The TLS handshake failed or the certificate was not accepted."), (refused.Failure, refused.Detail));
    }

    [Fact]
    public async Task A_connection_is_closed_when_it_has_not_been_used_for_a_minute_and_not_before()
    {
        var clock = new FakeClock();
        await using var connections = Connections(capacity: 10, clock);
        var lease = await connections.Rent(Target(), null, Ct);
        var connection = lease.Connection;
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.True(connection.IsOpen);

        lease.Dispose();
        clock.Advance(TimeSpan.FromMinutes(2));
        await Eventually.Is(() => !connection.IsOpen, "the idle connection is closed");
        using var again = await connections.Rent(Target(), null, Ct);
        Assert.True(again.Connection.IsOpen);
    }

    [Fact]
    public async Task Beyond_the_capacity_the_connection_not_used_for_longest_is_closed()
    {
        await using var connections = Connections(capacity: 1, TimeProvider.System);
        var first = await connections.Rent(Target(), null, Ct);
        using var second = await connections.Rent(Target() with { Webhook = "wh_2" }, null, Ct);
        Assert.NotSame(first.Connection, second.Connection);
        Assert.True(first.Connection.IsOpen);
        first.Dispose();
        await Eventually.Is(() => !first.Connection.IsOpen, "the first connection is closed once its message is confirmed");
        Assert.True(second.Connection.IsOpen);
    }

    private RabbitMqConnections Connections(int capacity, TimeProvider time) => new((target, tls, ct) => RabbitMqConnection.Open(_egress!, target, tls, ct), capacity, time);

    [Fact]
    public async Task A_broker_in_a_network_that_is_not_allowed_is_not_dialled()
    {
        var result = await Targets.Send(Targets.Message(Target()), new EgressOptions());
        Assert.Equal(FailureClass.Blocked, result.Failure);
    }
}
