using Webhooks.Delivery.Ownership;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Tests.Ordering;

/// <summary>A strict webhook has one shard, and with it one node that sends.</summary>
public sealed class PinningTests(Installation installation) : IClassFixture<Installation>
{
    [Theory]
    [InlineData("00000000-0000-7000-8000-000000000000", 0)]
    [InlineData("00000000-0000-7000-8000-00000000003f", 63)]
    [InlineData("ffffffff-ffff-7fff-bfff-ffffffffff40", 0)]
    public void The_shard_of_a_pinned_webhook_is_the_end_of_its_id(string webhook, short shard) =>
        Assert.Equal(shard, ShardLeases.PinnedShard(new WebhookId(Guid.Parse(webhook))));

    [Fact]
    public async Task All_deliveries_of_a_pinned_webhook_lie_in_its_shard_whichever_node_accepts()
    {
        await using var ground = await Ground.Of(installation);
        var answer = new TaskCompletionSource<int>();
        ground.Receiver.Answer = _ => answer.Task;
        var first = await ground.StartNode();
        var second = await ground.StartNode(o => o with { Delivers = false });
        var pinned = await ground.Register(c => c with { Ordering = OrderingMode.Strict });
        await ground.Register(c => c);
        for (var i = 0; i < 5; i++)
        {
            await ground.Emit(first);
            await ground.Emit(second);
        }

        Assert.Equal(10, await installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{pinned.Value}' and shard = {ShardLeases.PinnedShard(pinned)}"));
        answer.SetResult(200);
        await ground.Receiver.HasReceived(20);
    }
}
