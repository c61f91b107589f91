using System.Text;
using System.Text.Json;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Tests.Health;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Failures;

/// <summary>What could not be delivered goes where the company wants such events to go: once, and with all that it needs.</summary>
public sealed class FailureNoticeTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private const string Payload = """{"type":"order.paid","text":"Köln <b>","n":1.0}""";
    private readonly Nodes _nodes = new(installation);
    private Receiver _failing = null!;
    private Receiver _sink = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        (_failing, _sink) = (await Receiver.Start(), await Receiver.Start());
        _failing.Answer = _ => Task.FromResult(503);
        _node = await _nodes.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _failing.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task It_is_told_with_the_event_the_address_and_how_it_failed()
    {
        var webhook = await _nodes.Register(_failing.Url);
        await _nodes.Register(_sink.Url, EventTypes.DeliveryExhausted);
        var accepted = await Emit();
        await _sink.HasReceived(1);

        var told = _sink.Requests.Single();
        Assert.Equal(EventTypes.DeliveryExhausted, told.Headers["webhook-event-type"]);
        Assert.Contains($"\"payload\":{Payload}", Encoding.UTF8.GetString(told.Body), StringComparison.Ordinal);
        var json = JsonDocument.Parse(told.Body).RootElement;
        Assert.Equal(
            (EventTypes.DeliveryExhausted, webhook.ToString(), accepted.Deliveries[0].ToString(), _failing.Url.ToString(), "attempts", 1, "status", 503),
            (Text("type"), Text("webhook_sid"), Text("delivery_sid"), Text("url"), Text("reason"), json.GetProperty("attempts").GetInt32(), Text("failure"), json.GetProperty("status_code").GetInt32()));
        Assert.Equal((accepted.Message.ToString(), "order.paid"), (json.GetProperty("event").GetProperty("sid").GetString(), json.GetProperty("event").GetProperty("type").GetString()));

        string? Text(string name) => json.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Where_nobody_names_the_type_nothing_is_emitted()
    {
        await _nodes.Register(_failing.Url);
        var delivery = (await Emit()).Deliveries[0];
        await _nodes.HasFacts(delivery, typeof(AttemptFailed), typeof(DeliveryExhausted));
        await Eventually.Is(NothingToTell, "there is nothing to tell");

        Assert.Empty(await Notices());
    }

    [Fact]
    public async Task A_sink_that_fails_itself_is_not_told_of_and_neither_is_a_webhook_of_its_own_failures()
    {
        await _nodes.Register(_failing.Url, "order.paid", EventTypes.DeliveryExhausted);
        await Emit();
        await Eventually.Is(NothingToTell, "there is nothing to tell");
        Assert.Empty(await Notices());

        _sink.Answer = _ => Task.FromResult(500);
        await _nodes.Register(_sink.Url, EventTypes.DeliveryExhausted);
        await Emit();
        await _sink.HasReceived(1);
        await Eventually.Is(
            async () => await installation.Scalar<long>($"select count(*) from es.events where company_id = '{_nodes.Company.Value}' and type = 'delivery.exhausted.v1'") == 3,
            "the sink's own delivery is exhausted");
        await Eventually.Is(NothingToTell, "there is nothing to tell");
        Assert.Single(await Notices());
    }

    [Fact]
    public async Task A_crash_between_telling_and_noting_that_it_was_told_leaves_one_event()
    {
        var webhook = await _nodes.Register(_failing.Url);
        await _nodes.Register(_sink.Url, EventTypes.DeliveryExhausted);
        var accepted = await Emit();
        await _sink.HasReceived(1);
        await Eventually.Is(NothingToTell, "all was told");

        await installation.Scalar<int>($"""
            insert into delivery.failure_notices values
            ('{accepted.Deliveries[0].Value}', 2, '{webhook.Value}', '{_nodes.Company.Value}', '{accepted.Message.Value}') returning version
            """);
        await Eventually.Is(NothingToTell, "it was told again");
        Assert.Single(await Notices());
        Assert.Single(_sink.Requests);
    }

    [Fact]
    public async Task It_is_told_on_the_channels_of_the_event_that_failed()
    {
        await _nodes.Register(_failing.Url);
        foreach (var channel in new[] { "chat", "feeds" })
        {
            await installation.Register(
                new Uri($"{_sink.Url}?{channel}"), c => c with { MaxAttempts = 1, EventTypes = new[] { EventTypes.DeliveryExhausted }, Channels = new[] { channel } }, _nodes.Company);
        }

        await Emit("chat");
        await _sink.HasReceived(1);
        Assert.Equal("?chat", _sink.Requests.Single().Query);
        await using var planned = installation.DataSource.CreateCommand(
            $"select convert_from(data, 'UTF8')::json->>'matched_webhooks' from es.events where company_id = '{_nodes.Company.Value}' and type = 'message.emitted.v1' and convert_from(data, 'UTF8')::json->>'type' = '{EventTypes.DeliveryExhausted}'");
        Assert.Equal("1", await planned.ExecuteScalarAsync());
    }

    private async Task<EmitOutcome.Accepted> Emit(params string[] channels) => Assert.IsType<EmitOutcome.Accepted>(await _node.Acceptance.Emit(
        new EventToEmit(_nodes.Company, "order.paid", Encoding.UTF8.GetBytes(Payload), null, null, Guid.NewGuid()) { Channels = channels }, default));

    /// <summary>Whoever they went to; what is told of the health of webhooks is another matter.</summary>
    private async Task<IEnumerable<string>> Notices() => (await _nodes.EmittedTypes()).Where(t => t == EventTypes.DeliveryExhausted);

    // Asked in this order: both are written at once.
    private async Task<bool> NothingToTell() =>
        await installation.Scalar<long>($"select count(*) from es.events where company_id = '{_nodes.Company.Value}' and type = 'delivery.exhausted.v1'") > 0
        && await installation.Scalar<long>($"select count(*) from delivery.failure_notices where company_id = '{_nodes.Company.Value}'") == 0;
}
