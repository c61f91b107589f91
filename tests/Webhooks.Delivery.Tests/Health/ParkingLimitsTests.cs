using Webhooks.Delivery.Health;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Health;

/// <summary>Parking has a limit and an age. A node looks when it starts, and every minute.</summary>
public sealed class ParkingLimitsTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private readonly Nodes _nodes = new(installation);
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.Start();

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private static DeliveryOptions With(Func<HealthOptions, HealthOptions> limits) => Nodes.Options with { Health = limits(Nodes.Strict) };

    private async Task<WebhookId> GivenDisabled()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), _nodes.Company);
        return webhook;
    }

    private async Task Ends(DeliveryId delivery, ExhaustedReason reason)
    {
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred), typeof(DeliveryExhausted));
        Assert.Equal(new DeliveryExhausted { Reason = reason }, (await installation.Facts(delivery.Value))[1]);
    }

    /// <summary>A delivery planned long ago.</summary>
    private async Task<DeliveryId> GivenParked(WebhookId webhook, TimeSpan age, TimeSpan parkedFor)
    {
        var delivery = new DeliveryId(Guid.CreateVersion7(DateTimeOffset.UtcNow - age));
        await using (var session = await installation.Store().OpenSession(default))
        {
            session.Append(delivery.Value, 0, [new DeliveryDeferred(DeferredReason.WebhookDisabled)], new FactMeta(_nodes.Company, null, Guid.NewGuid()));
            Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
        }

        await installation.Scalar<int>($"update es.events set recorded_at = now() - interval '{parkedFor.TotalSeconds} s' where stream_id = '{delivery.Value}' returning 1");
        await installation.Scalar<int>($"""
            insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at)
            values ('{delivery.Value}', 3, '{webhook.Value}', '{Guid.NewGuid()}', 1, 0, 0, 'infinity') returning 1
            """);
        return delivery;
    }

    [Fact]
    public async Task Of_too_many_the_oldest_end()
    {
        var node = await _nodes.Start();
        var webhook = await GivenDisabled();
        var deliveries = new List<DeliveryId>();
        for (var i = 0; i < 8; i++)
        {
            deliveries.Add(await _nodes.Emit(node));
            await _nodes.HasFacts(deliveries[i], typeof(DeliveryDeferred));
        }

        await _nodes.Start(With(h => h with { MaxParked = 5 }));
        var oldestFirst = deliveries.OrderBy(d => d.ToString(), StringComparer.Ordinal).ToArray();
        foreach (var delivery in oldestFirst[..3])
        {
            await Ends(delivery, ExhaustedReason.ParkingFull);
        }

        Assert.Equal(5, await installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{webhook.Value}' and due_at = 'infinity'"));
    }

    [Fact]
    public async Task That_a_notice_ended_while_it_was_parked_is_told_of_no_further()
    {
        // Two sinks for what fails, both disabled, so that each would be told of what ends for the other.
        var node = await _nodes.Start();
        var webhook = await _nodes.Register(_receiver.Url, "order.paid");
        foreach (var disabled in new[] { webhook, await _nodes.Register(_receiver.Url, EventTypes.DeliveryExhausted), await _nodes.Register(_receiver.Url, EventTypes.DeliveryExhausted) })
        {
            await installation.Change(disabled, new DisableWebhook(DisabledReason.Manual), _nodes.Company);
        }

        for (var i = 0; i < 4; i++)
        {
            await _nodes.HasFacts(await _nodes.Emit(node), typeof(DeliveryDeferred));
        }

        await _nodes.Start(With(h => h with { MaxParked = 1 }));
        await Facts("delivery.deferred.v1", 4 + (2 * 3));
        await _nodes.Start(With(h => h with { MaxParked = 1 }));
        await Facts("delivery.exhausted.v1", 3 + (2 * 2));
        await Eventually.Is(async () => await installation.Scalar<long>($"select count(*) from delivery.failure_notices where company_id = '{_nodes.Company.Value}'") == 0, "there is nothing to tell");
        Assert.Equal(3, (await _nodes.EmittedTypes()).Count(t => t == EventTypes.DeliveryExhausted));

        Task Facts(string type, int count) => Eventually.Is(
            async () => await installation.Scalar<long>($"select count(*) from es.events where company_id = '{_nodes.Company.Value}' and type = '{type}'") == count, $"there are {count} {type}");
    }

    [Fact]
    public async Task What_is_parked_too_long_ends_however_long_ago_it_was_planned()
    {
        var webhook = await GivenDisabled();
        var old = await GivenParked(webhook, age: TimeSpan.FromHours(9), parkedFor: TimeSpan.FromHours(2));
        var plannedLongBefore = await GivenParked(webhook, age: TimeSpan.FromHours(9), parkedFor: TimeSpan.FromMinutes(30));
        var young = await GivenParked(webhook, age: TimeSpan.FromMinutes(30), parkedFor: TimeSpan.FromMinutes(30));

        await _nodes.Start(With(h => h with { MaxParkedAge = TimeSpan.FromHours(1) }));
        await Ends(old, ExhaustedReason.ParkedTooLong);
        Assert.Equal(2, await installation.Scalar<long>($"select count(*) from delivery.queue where delivery_id in ('{plannedLongBefore.Value}', '{young.Value}')"));
    }

    [Fact]
    public async Task More_than_a_page_ends_too()
    {
        var webhook = await GivenDisabled();
        await installation.Scalar<long>($"""
            with ids as (
                select (lpad(to_hex((extract(epoch from now() - interval '3 hours') * 1000)::bigint), 12, '0') || '7000' || substr(md5(n::text), 1, 16))::uuid as id
                from generate_series(1, 1200) n),
            facts as (
                insert into es.events (stream_id, version, type, data, company_id, correlation, recorded_at)
                select id, 1, 'delivery.deferred.v1', '{"{\"reason\":\"webhook_disabled\"}"}'::bytea, '{_nodes.Company.Value}', id, now() - interval '2 hours' from ids),
            rows as (
                insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at)
                select id, 3, '{webhook.Value}', id, 1, 0, 0, 'infinity' from ids returning 1)
            select count(*) from rows
            """);

        await _nodes.Start(With(h => h with { MaxParkedAge = TimeSpan.FromHours(1) }));
        await Eventually.Is(async () => await installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{webhook.Value}'") == 0, "all have ended");
        Assert.Equal(1200, await installation.Scalar<long>($"select count(*) from es.events where company_id = '{_nodes.Company.Value}' and type = 'delivery.exhausted.v1'"));
    }
}
