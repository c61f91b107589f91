using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain.Deliveries;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ownership;

/// <summary>Every living node that delivers has its share of the shards, and changes of hands are not seen by receivers.</summary>
public sealed class BalancingTests(Installation installation) : IClassFixture<Installation>
{
    // Seconds that no test has: what happens at once was told, not found by looking.
    private static readonly Func<DeliveryOptions, DeliveryOptions> Unhurried = o => o with { Lease = TimeSpan.FromSeconds(300), Poll = TimeSpan.FromSeconds(60), Drain = TimeSpan.FromSeconds(300) };

    [Fact]
    public void Shares_add_up_and_differ_by_one_at_most()
    {
        for (var living = 1; living <= 2 * ShardLeases.ShardCount; living++)
        {
            var shares = Enumerable.Range(0, living).Select(earlier => ShardLeases.Share(living, earlier)).ToArray();
            Assert.Equal(ShardLeases.ShardCount, shares.Sum());
            Assert.InRange(shares.Max() - shares.Min(), 0, 1);
        }
    }

    [Fact]
    public async Task A_new_node_is_given_its_share_and_a_stopping_one_gives_its_own_back()
    {
        await using var ground = await Ground.Of(installation);
        var first = await ground.StartNode(Unhurried);
        Assert.Equal(64, first.Shards.Owned.Length);
        var second = await ground.StartNode(Unhurried);
        await Hold((first, 32), (second, 32));
        var third = await ground.StartNode(Unhurried);
        await Hold((first, 22), (second, 21), (third, 21));
        Assert.Equal(3, first.Shards.LiveNodes);

        await first.StopAsync(default);
        await Hold((second, 32), (third, 32));
        await third.StopAsync(default);
        await Hold((second, 64));
        Assert.Equal(1, second.Shards.LiveNodes);
    }

    [Fact]
    public async Task A_node_that_only_accepts_has_no_share_and_still_counts_as_alive()
    {
        await using var ground = await Ground.Of(installation);
        var worker = await ground.StartNode(Unhurried);
        var api = await ground.StartNode(o => Unhurried(o) with { Delivers = false });
        Assert.Empty(api.Shards.Owned);
        Assert.Equal((1, 1), (worker.Shards.LiveNodes, api.Shards.LiveNodes));
        Assert.Equal(64, worker.Shards.Owned.Length);
        Assert.Equal(2, await installation.Scalar<long>("select count(*) from delivery.living_nodes"));
    }

    [Fact]
    public async Task What_is_being_sent_when_its_shard_changes_hands_is_recorded_and_not_sent_again()
    {
        await using var ground = await Ground.Of(installation);
        var first = await ground.StartNode(Unhurried);
        var answer = new TaskCompletionSource<int>();
        ground.Receiver.Answer = _ => answer.Task;

        // About one webhook to each shard, so that requests are under way in many; most deliveries are in memory behind them.
        var accepted = new List<Domain.DeliveryId>();
        for (var shard = 0; shard < ShardLeases.ShardCount; shard++)
        {
            var webhook = await ground.Register(c => c with { TimeoutMs = 60_000 });
            accepted.AddRange((await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => ground.Emit(first, only: webhook)))).Select(a => a.Deliveries[0]));
        }

        await ground.Receiver.HasReceived(200);
        Assert.Equal(accepted.Count, first.Pump.InMemory);
        var second = await ground.StartNode(Unhurried);
        await Hold((first, 32), (second, 32));
        await ground.Receiver.HasReceived(232);
        await Eventually.Is(() => first.Pump.InMemory < accepted.Count * 5 / 8, "what waited in shards that were given up has left memory");
        answer.SetResult(200);
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue") == 0, "the queue is empty", TimeSpan.FromSeconds(120));
        Assert.Equal(accepted.Count, ground.Receiver.Requests.Count);
        Assert.IsType<AttemptSucceeded>(Assert.Single(await installation.Facts(accepted[0].Value)));
    }

    [Fact]
    public async Task Others_go_on_with_what_waits_while_a_stopping_node_ends_what_is_under_way()
    {
        await using var ground = await Ground.Of(installation);
        var stopping = await ground.StartNode(o => Unhurried(o) with { MaxInFlight = 1 });
        await ground.Register(c => c);
        var answer = new TaskCompletionSource<int>();
        ground.Receiver.Answer = _ => ground.Receiver.Requests.Count == 1 ? answer.Task : Task.FromResult(200);
        for (var i = 0; i < 20; i++)
        {
            await ground.Emit(stopping);
        }

        await ground.Receiver.HasReceived(1);
        var other = await ground.StartNode(Unhurried);
        var stopped = stopping.StopAsync(default);
        await ground.Receiver.HasReceived(20);
        Assert.False(stopped.IsCompleted);
        await Hold((other, 64));
        answer.SetResult(200);
        await Eventually.Arrives(stopped, "the node has stopped");
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue") == 0, "the queue is empty");
        Assert.Equal(20, ground.Receiver.Requests.Count);
    }

    private static Task Hold(params (DeliveryNode Node, int Shards)[] expected) => Eventually.Is(
        () => Array.TrueForAll(expected, e => e.Node.Shards.Owned.Length == e.Shards) && expected.SelectMany(e => e.Node.Shards.Owned).Distinct().Count() == expected.Sum(e => e.Shards),
        $"the nodes hold {string.Join(", ", expected.Select(e => e.Shards))} shards");
}
