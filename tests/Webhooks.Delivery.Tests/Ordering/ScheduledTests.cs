using System.Collections.Concurrent;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ordering;

/// <summary>Events that are to go later: never early, kept by the database, and to be called back until they are due.</summary>
public sealed class ScheduledTests(Installation installation) : IClassFixture<Installation>
{
    private async Task<DateTimeOffset> InSeconds(double seconds) =>
        new DateTimeOffset(await installation.Scalar<DateTime>("select clock_timestamp()")).AddSeconds(seconds);

    private Task<long> Rows(EmitOutcome.Accepted e) => installation.Scalar<long>($"select count(*) from delivery.queue where message_id = '{e.Message.Value}'");

    private Task<Refusal?> Cancel(Ground ground, DeliveryNode node, MessageId e) => node.Cancellations.Cancel(e, ground.Company, null, Guid.NewGuid(), default);

    [Fact]
    public async Task A_scheduled_event_is_sent_when_it_is_due_and_not_before()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.Register(c => c);
        var due = await InSeconds(1);
        var arrivals = new ConcurrentDictionary<string, DateTime>();
        ground.Receiver.Answer = async r =>
        {
            arrivals[r.Id] = await installation.Scalar<DateTime>("select clock_timestamp()");
            return 200;
        };
        var soon = await ground.Emit(node, deliverAt: due);
        var later = await ground.Emit(node, deliverAt: due.AddHours(1));
        var now = await ground.Emit(node, deliverAt: due.AddDays(-1));
        await ground.HasFacts(now.Deliveries[0], typeof(AttemptSucceeded));
        Assert.Null(now.DeliverAt);

        await ground.HasFacts(soon.Deliveries[0], typeof(AttemptSucceeded));
        var arrivedAt = arrivals[soon.Message.ToString()];
        Assert.True(arrivedAt >= due.UtcDateTime, $"It was due at {due:O} and came at {arrivedAt:O}.");
        Assert.Equal(due.AddHours(1), later.DeliverAt);
        Assert.Equal(1, await Rows(later));
        Assert.DoesNotContain(later.Message.ToString(), arrivals.Keys);
    }

    [Fact]
    public async Task It_outlives_the_node_that_accepted_it()
    {
        await using var ground = await Ground.Of(installation);
        var first = await ground.StartNode();
        await ground.Register(c => c);
        var later = await ground.Emit(first, deliverAt: await InSeconds(1));
        await first.DisposeAsync();
        await ground.StartNode();
        await ground.HasFacts(later.Deliveries[0], typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task Cancelled_before_it_is_due_it_is_never_sent_and_the_log_says_why()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.Register(c => c);
        await ground.RegisterStrict();
        var later = await ground.Emit(node, deliverAt: await InSeconds(3600));
        Assert.Null(await Cancel(ground, node, later.Message));
        Assert.Null(await Cancel(ground, node, later.Message));

        Assert.Equal(0, await Rows(later));
        Assert.IsType<EventCancelled>((await installation.Facts(later.Message.Value))[1]);
        foreach (var delivery in later.Deliveries)
        {
            Assert.Equal(new DeliveryCancelled(CancelledReason.EventCancelled), Assert.Single(await installation.Facts(delivery.Value)));
        }
    }

    [Fact]
    public async Task Once_due_it_cannot_be_cancelled_whether_it_has_arrived_or_not()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode(o => o with { Delivers = false });
        await ground.Register(c => c);
        var later = await EmitShortlyBefore(ground, node);
        await Eventually.Is(async () => await installation.Scalar<bool>($"select clock_timestamp() >= due_at from delivery.queue where message_id = '{later.Message.Value}'"), "it is due");
        Assert.Equal("event.due", (await Cancel(ground, node, later.Message))?.Code);
        await ground.StartNode();
        await ground.HasFacts(later.Deliveries[0], typeof(AttemptSucceeded));
    }

    /// <summary>Accepted before it is due, by as little as this machine allows.</summary>
    private async Task<EmitOutcome.Accepted> EmitShortlyBefore(Ground ground, DeliveryNode node)
    {
        for (var ahead = 0.3; ; ahead *= 2)
        {
            if (await ground.Emit(node, deliverAt: await InSeconds(ahead)) is { DeliverAt: not null } later)
            {
                return later;
            }
        }
    }

    [Fact]
    public async Task An_event_that_goes_at_once_cannot_be_cancelled()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        Assert.Equal("event.not_scheduled", (await Cancel(ground, node, (await ground.Emit(node)).Message))?.Code);
    }

    [Fact]
    public async Task Of_a_hundred_cancelled_at_the_moment_they_are_due_each_is_either_sent_or_cancelled_and_never_both()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.Register(c => c);
        var due = await InSeconds(1);
        var events = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => ground.Emit(node, deliverAt: due.AddMilliseconds(i * 5))));
        var refusals = new Dictionary<MessageId, Refusal?>();
        foreach (var e in events)
        {
            refusals.Add(e.Message, await CancelAround(ground, node, e));
        }

        foreach (var e in events)
        {
            await ground.HasFacts(e.Deliveries[0], refusals[e.Message] is null ? typeof(DeliveryCancelled) : typeof(AttemptSucceeded));
        }

        Assert.Equal(refusals.Where(r => r.Value is not null).Select(r => r.Key.ToString()).Order(), ground.Receiver.Requests.Select(r => r.Id).Order());
    }

    // As near to the moment as a wait for the row's own clock comes.
    private async Task<Refusal?> CancelAround(Ground ground, DeliveryNode node, EmitOutcome.Accepted e)
    {
        await Eventually.Is(
            async () => await installation.Scalar<long>($"select count(*) from delivery.queue where message_id = '{e.Message.Value}' and due_at > clock_timestamp() + '3 ms'") == 0, "it is about to be due");
        return await Cancel(ground, node, e.Message);
    }

    [Fact]
    public async Task Cancelling_needs_one_connection_and_never_waits_for_a_second()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.Register(c => c);
        var later = await ground.Emit(node, deliverAt: await InSeconds(3600));
        var clock = new DatabaseClock(TimeProvider.System);
        await clock.Synchronize(installation.DataSource, default);
        await using var source = PostgresDataSource.Create($"{installation.ConnectionString};Timeout=30", new PostgresOptions { MaxPoolSize = 1 });
        var cancellations = new EventCancellations(new PostgresEventStore(source, [], new LogSignal(TimeProvider.System), TimeProvider.System), clock);

        Assert.Null(await cancellations.Cancel(later.Message, ground.Company, null, Guid.NewGuid(), default));
        Assert.Equal(0, await Rows(later));
        await ground.HasFacts(later.Deliveries[0], typeof(DeliveryCancelled));
    }

    [Fact]
    public async Task Enabling_a_webhook_sends_nothing_before_it_is_due()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.Register(c => c);
        var later = await ground.Emit(node, deliverAt: await InSeconds(3600));
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), ground.Company);
        var now = await ground.Emit(node);
        await ground.HasFacts(now.Deliveries[0], typeof(DeliveryDeferred));
        await installation.Change(webhook, new EnableWebhook(), ground.Company);
        await Eventually.Is(() => ground.Receiver.Requests.Any(r => r.Id == now.Message.ToString()), "what was parked has come");
        await ground.HasFacts(later.Deliveries[0]);
        Assert.Null(await Cancel(ground, node, later.Message));
    }

    [Fact]
    public async Task Deleting_the_webhook_cancels_it()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.Register(c => c);
        var later = await ground.Emit(node, deliverAt: await InSeconds(3600));
        await installation.Change(webhook, new DeleteWebhook(), ground.Company);
        await ground.HasFacts(later.Deliveries[0], typeof(DeliveryCancelled));
        Assert.Null(await Cancel(ground, node, later.Message));
    }

    [Fact]
    public async Task In_strict_order_it_holds_up_nobody_and_takes_its_turn_when_it_is_due()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.RegisterStrict();
        var first = await ground.Emit(node, deliverAt: await InSeconds(3600));
        var second = await ground.Emit(node);
        await ground.HasFacts(second.Deliveries[0], typeof(AttemptSucceeded));
        await installation.Scalar<short>($"update delivery.queue set due_at = now(), deliver_at = now() where message_id = '{first.Message.Value}' returning shard");
        await ground.Receiver.HasReceived(2);
        Assert.Equal(["2", "1"], ground.Receiver.Requests.Select(r => r.Headers["webhook-sequence"]));
    }

    [Fact]
    public async Task Another_key_or_time_is_another_request_and_the_same_is_a_repeat()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var due = DateTimeOffset.UtcNow.AddHours(1);
        var request = new EventToEmit(ground.Company, "order.paid", "{}"u8.ToArray(), "key-1", null, Guid.NewGuid()) { OrderingKey = "a", DeliverAt = due };
        await node.Acceptance.Emit(request, default);
        var again = Assert.IsType<EmitOutcome.Accepted>(await node.Acceptance.Emit(request, default));
        Assert.Equal((true, due), (again.Repeated, again.DeliverAt));
        Assert.IsType<EmitOutcome.KeyTaken>(await node.Acceptance.Emit(request with { OrderingKey = "b" }, default));
        Assert.IsType<EmitOutcome.KeyTaken>(await node.Acceptance.Emit(request with { DeliverAt = due.AddSeconds(1) }, default));
        Assert.IsType<EmitOutcome.KeyTaken>(await node.Acceptance.Emit(request with { OrderingKey = null, DeliverAt = null }, default));
    }
}
