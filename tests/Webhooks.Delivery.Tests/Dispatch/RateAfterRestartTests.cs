using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>A node that has just started knows of a rate limit before it sends.</summary>
public sealed class RateAfterRestartTests(Installation installation) : IClassFixture<Installation>
{
    [Theory]
    [InlineData(OrderingMode.None)]
    [InlineData(OrderingMode.Strict)]
    public async Task What_waited_for_a_node_is_paced_from_the_first_on(OrderingMode ordering)
    {
        await using var ground = await Ground.Of(installation);
        var accepting = await ground.StartNode(o => o with { Delivers = false });
        await ground.Register(c => c with { Ordering = ordering, Limits = new DeliveryLimits(null, new RateLimit(1, RatePeriod.Minute)) });
        for (var i = 0; i < 10; i++)
        {
            await ground.Emit(accepting, key: $"{i}");
        }

        var node = await ground.StartNode();
        await ground.Receiver.HasReceived(1);
        await Eventually.Is(() => node.Pump is { UnderWay: 0, InMemory: 9 }, "all are in memory but for one that is through");
        Assert.Single(ground.Receiver.Requests);

        // Nothing is left to the next.
        await node.StopAsync(default);
        await installation.Scalar<long>("with q as (delete from delivery.queue returning 1) select count(*) from q");
    }
}
