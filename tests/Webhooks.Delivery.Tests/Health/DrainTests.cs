using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recovery;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Health;

/// <summary>What was parked goes out again in order and ever faster, never all at once.</summary>
public sealed class DrainTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    /// <summary>A thousand commits, each of which waits for the one before.</summary>
    private static readonly TimeSpan OneByOne = TimeSpan.FromSeconds(180);

    private readonly Nodes _nodes = new(installation);
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.Start();

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    /// <summary>Steps made by the test; no node is at work.</summary>
    private ParkedDrains Drains(HealthOptions health)
    {
        var (options, time) = (new DeliveryOptions { Health = health }, TimeProvider.System);
        var shards = new ShardLeases(installation.DataSource, new QueueTable(installation.DataSource), new DueSignal(time), new LogSignal(time), options, time, NullLogger<ShardLeases>.Instance);
        return new ParkedDrains(installation.DataSource, shards, options, new LogSignal(time));
    }

    private Task<long> Park(WebhookId webhook, int count) => installation.Scalar<long>($"""
        with parked as (
            insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at)
            select gen_random_uuid(), 7, '{webhook.Value}', gen_random_uuid(), 1, 0, 0, 'infinity' from generate_series(1, {count}) returning 1)
        select count(*) from parked
        """);

    private Task<long> Rows(WebhookId webhook, string where) => installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{webhook.Value}' and {where}");

    private Task<long> Execute(string sql) => installation.Scalar<long>($"with done as ({sql} returning 1) select count(*) from done");

    private Task<long> WorkOff(WebhookId webhook) => Execute($"delete from delivery.queue where webhook_id = '{webhook.Value}' and due_at < 'infinity'");

    /// <summary>A step, as if the interval had passed.</summary>
    private async Task<int> Step(ParkedDrains drains, WebhookId webhook)
    {
        await Execute($"update delivery.drains set next_at = now() where webhook_id = '{webhook.Value}'");
        return await drains.RunOnce(default);
    }

    [Fact]
    public async Task Chunks_grow_up_to_their_limit_and_each_waits_for_the_one_before()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        var drains = Drains(new HealthOptions { DrainFirstChunk = 10, DrainMaxChunk = 200, DrainInterval = TimeSpan.FromHours(1) });
        await Park(webhook, 1000);
        await drains.Start(webhook, default);
        var chunks = new List<int>();
        for (var chunk = await drains.RunOnce(default); chunk > 0; chunk = await Step(drains, webhook))
        {
            chunks.Add(chunk);
            Assert.Equal(0, await drains.RunOnce(default));
            Assert.Equal(0, await Step(drains, webhook));
            Assert.Equal(chunk, await Rows(webhook, "due_at < 'infinity'"));
            await WorkOff(webhook);
        }

        Assert.Equal([10, 20, 40, 80, 160, 200, 200, 200, 90], chunks);
        Assert.Equal(0, await installation.Scalar<long>($"select count(*) from delivery.drains where webhook_id = '{webhook.Value}'"));
    }

    [Fact]
    public async Task The_oldest_go_first()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        var drains = Drains(new HealthOptions());
        await Park(webhook, 100);
        await drains.Start(webhook, default);
        await drains.RunOnce(default);
        Assert.Equal(0, await Rows(webhook, $"due_at < 'infinity' and delivery_id > (select delivery_id from delivery.queue where webhook_id = '{webhook.Value}' and due_at = 'infinity' order by delivery_id limit 1)"));
    }

    [Fact]
    public async Task One_that_hangs_does_not_hold_up_a_large_chunk()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        var drains = Drains(new HealthOptions { DrainFirstChunk = 20 });
        await Park(webhook, 100);
        await drains.Start(webhook, default);
        Assert.Equal(20, await drains.RunOnce(default));
        await Execute($"update delivery.queue set due_at = null where webhook_id = '{webhook.Value}' and due_at < 'infinity'");
        Assert.Equal(0, await Step(drains, webhook));
        await Execute($"delete from delivery.queue where delivery_id in (select delivery_id from delivery.queue where webhook_id = '{webhook.Value}' and due_at is null limit 19)");
        Assert.Equal(40, await Step(drains, webhook));
    }

    [Fact]
    public async Task It_ends_when_the_webhook_is_disabled_again()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        var drains = Drains(new HealthOptions());
        await Park(webhook, 100);
        await drains.Start(webhook, default);
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), _nodes.Company);
        Assert.Equal(0, await drains.RunOnce(default));
        Assert.Equal(0, await installation.Scalar<long>($"select count(*) from delivery.drains where webhook_id = '{webhook.Value}'"));
        await drains.StartLeftBehind(default);
        Assert.Equal(0, await installation.Scalar<long>($"select count(*) from delivery.drains where webhook_id = '{webhook.Value}'"));
    }

    [Fact]
    public async Task What_was_parked_in_the_moment_of_enabling_is_found()
    {
        var (one, other, paused) = (await _nodes.Register(_receiver.Url), await _nodes.Register(_receiver.Url), await _nodes.Register(_receiver.Url));
        await installation.Change(paused, new ChangeHealth(WebhookHealth.Healthy, new WebhookPaused(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, 20, DateTimeOffset.UtcNow.AddHours(1))), _nodes.Company);
        foreach (var webhook in new[] { one, other, paused })
        {
            await Park(webhook, 3);
        }

        await Drains(new HealthOptions()).StartLeftBehind(default);
        Assert.Equal(2, await installation.Scalar<long>($"select count(*) from delivery.drains where webhook_id in ('{one.Value}', '{other.Value}', '{paused.Value}')"));
        await Execute("delete from delivery.queue where due_at = 'infinity'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thousand_parked_ones_arrive_in_order(bool disabledByHand)
    {
        var node = await _nodes.Start(Nodes.Options with { MaxInFlightPerWebhook = 1 });
        var webhook = await _nodes.Register(_receiver.Url);
        if (disabledByHand)
        {
            await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), _nodes.Company);
        }
        else
        {
            _receiver.Answer = _ => Task.FromResult(500);
            await _nodes.Pause(node, webhook);
        }

        _receiver.Requests.Clear();
        var emitted = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => _nodes.Emit(node)));
        await Eventually.Is(async () => await Rows(webhook, "due_at = 'infinity'") == 1000, "all are parked", OneByOne);
        Assert.Empty(_receiver.Requests);

        _receiver.Answer = _ => Task.FromResult(200);
        if (disabledByHand)
        {
            await installation.Change(webhook, new EnableWebhook(), _nodes.Company);
        }
        else
        {
            await _nodes.ProbeNow(webhook);
        }

        await _receiver.HasReceived(1000, OneByOne);
        Assert.Equal(emitted.Select(d => d.ToString()).Order(StringComparer.Ordinal), _receiver.Requests.Select(r => r.Headers["webhook-delivery-id"]));
        await Eventually.Is(async () => await Rows(webhook, "true") == 0, "nothing waits any more");
        Assert.All(await Task.WhenAll(emitted.Take(3).Select(d => installation.Facts(d.Value))), facts => Assert.Equal([typeof(DeliveryDeferred), typeof(AttemptSucceeded)], facts.Select(f => f.GetType())));
    }
}
