using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Tests.Ordering;

/// <summary>Keys that wait take no room from webhooks that don't.</summary>
public sealed class StrictOrderSharesTests(Installation installation) : IClassFixture<Installation>
{
    [Fact]
    public async Task A_receiver_that_hangs_does_not_fill_the_memory_of_the_others()
    {
        await using var ground = await Ground.Of(installation);
        await using var well = await Receiver.Start();
        var node = await ground.StartNode(o => o with { MaxInMemory = 2_000 });
        await ground.Register(c => c with { Ordering = OrderingMode.Strict, EventTypes = new[] { "order.paid" }, TimeoutMs = 60_000 });
        var hangs = new TaskCompletionSource<int>();
        ground.Receiver.Answer = _ => hangs.Task;
        await Task.WhenAll(Enumerable.Range(0, 2_500).Select(i => ground.Emit(node, key: $"{i}")));
        await ground.Receiver.HasReceived(1);
        await installation.Register(well.Url, c => c with { EventTypes = new[] { "order.shipped" } }, ground.Company);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ground.Emit(node, type: "order.shipped")));
        await well.HasReceived(100);
        Assert.True(node.Pump.Room > 0, "There is room.");

        hangs.SetResult(200);
        await ground.Receiver.HasReceived(2_500, TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task Keys_that_wait_for_their_next_attempt_do_not_keep_another_webhook_from_its_events()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var dead = await ground.Register(c => c with { Ordering = OrderingMode.Strict, RetryPolicy = new FixedRetry(3_600_000) });
        ground.Receiver.Answer = _ => Task.FromResult(500);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => ground.Emit(node, "{}", $"key-{i % 100}")));
        await ground.Receiver.HasReceived(100);

        var alive = await Ground.Of(installation);
        await using (alive)
        {
            await alive.RegisterStrict();
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => alive.Emit(node)));
            await alive.Receiver.HasReceived(100);
        }

        Assert.Equal(100, ground.Receiver.Requests.Count);
        Assert.Equal(300, await installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{dead.Value}'"));
    }
}
