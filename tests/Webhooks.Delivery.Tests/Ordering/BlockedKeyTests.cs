using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ordering;

/// <summary>What an exhausted delivery does to those behind it, and what gets it out of the way.</summary>
public sealed class BlockedKeyTests(Installation installation) : IClassFixture<Installation>
{
    [Fact]
    public async Task Where_it_skips_those_behind_an_exhausted_delivery_go_on_and_the_receiver_sees_the_gap()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict(OnExhausted.Skip, maxAttempts: 2);
        ground.Receiver.Answer = r => Task.FromResult(r.Headers["webhook-sequence"] == "1" ? 500 : 200);
        var first = await ground.Emit(node);
        await ground.Emit(node);
        await ground.HasFacts(first.Deliveries[0], typeof(AttemptFailed), typeof(AttemptFailed), typeof(DeliveryExhausted));
        await ground.QueueIsEmpty(webhook);
        Assert.Equal(["1", "1", "2"], ground.Receiver.Requests.Select(r => r.Headers["webhook-sequence"]));
    }

    [Fact]
    public async Task Where_it_blocks_only_the_exhausted_deliverys_key_waits_until_a_retry_succeeds()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict(OnExhausted.Block, maxAttempts: 2);
        ground.Receiver.Answer = r => Task.FromResult(r.Headers["webhook-sequence"] == "1" && r.Attempt < 3 ? 500 : 200);
        var first = await ground.Emit(node, Ground.Payload("a", 1), "a");
        await ground.Emit(node, Ground.Payload("a", 2), "a");
        await ground.HasFacts(first.Deliveries[0], typeof(AttemptFailed), typeof(AttemptFailed), typeof(DeliveryExhausted));
        await ground.Emit(node, Ground.Payload("a", 3), "a");
        var other = await ground.Emit(node, Ground.Payload("b", 4), "b");
        await ground.HasFacts(other.Deliveries[0], typeof(AttemptSucceeded));
        Assert.Equal(["1", "1", "4"], ground.Receiver.Requests.Select(r => r.Headers["webhook-sequence"]));

        Assert.Null(await node.Resends.Resend(ground.PlanOf(first, webhook, 1, "a"), WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default));
        await ground.QueueIsEmpty(webhook);
        Assert.Equal(["1", "1", "4", "1", "2", "3"], ground.Receiver.Requests.Select(r => r.Headers["webhook-sequence"]));
    }

    [Fact]
    public async Task A_blocked_key_goes_on_when_the_delivery_in_its_way_is_skipped()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict(OnExhausted.Block, maxAttempts: 1);
        ground.Receiver.Answer = r => Task.FromResult(r.Headers["webhook-sequence"] == "1" ? 500 : 200);
        var first = await ground.Emit(node);
        await ground.Emit(node);
        await ground.HasFacts(first.Deliveries[0], typeof(AttemptFailed), typeof(DeliveryExhausted));

        Assert.Null(await node.Skips.Skip(ground.PlanOf(first, webhook, 1, ""), null, Guid.NewGuid(), default));
        Assert.Null(await node.Skips.Skip(ground.PlanOf(first, webhook, 1, ""), null, Guid.NewGuid(), default));
        await ground.QueueIsEmpty(webhook);
        await ground.HasFacts(first.Deliveries[0], typeof(AttemptFailed), typeof(DeliveryExhausted), typeof(DeliveryCancelled));
        Assert.Equal(["1", "2"], ground.Receiver.Requests.Select(r => r.Headers["webhook-sequence"]));
    }

    [Fact]
    public async Task A_delivery_that_waits_for_its_next_attempt_can_be_skipped()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.Register(c => c with { Ordering = OrderingMode.Strict, RetryPolicy = new FixedRetry(3_600_000) });
        ground.Receiver.Answer = r => Task.FromResult(r.Headers["webhook-sequence"] == "1" ? 500 : 200);
        var first = await ground.Emit(node);
        var second = await ground.Emit(node);
        await ground.HasFacts(first.Deliveries[0], typeof(AttemptFailed));
        Assert.Null(await node.Skips.Skip(ground.PlanOf(first, webhook, 1, ""), null, Guid.NewGuid(), default));
        await ground.HasFacts(second.Deliveries[0], typeof(AttemptSucceeded));
        Assert.NotNull(await node.Skips.Skip(ground.PlanOf(second, webhook, 2, ""), null, Guid.NewGuid(), default));
    }

    [Fact]
    public async Task Deleting_a_webhook_cancels_what_waits_and_forgets_what_was_in_the_way()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict(OnExhausted.Block, maxAttempts: 1);
        ground.Receiver.Answer = _ => Task.FromResult(500);
        await ground.Emit(node);
        var second = await ground.Emit(node);
        await Eventually.Is(async () => await installation.Scalar<long>($"select count(*) from delivery.blocked_keys where webhook_id = '{webhook.Value}'") == 1, "the key is blocked");
        await installation.Change(webhook, new DeleteWebhook(), ground.Company);
        await ground.HasFacts(second.Deliveries[0], typeof(DeliveryCancelled));
        await Eventually.Is(async () => await installation.Scalar<long>($"select count(*) from delivery.blocked_keys where webhook_id = '{webhook.Value}'") == 0, "nothing is in the way");
    }
}
