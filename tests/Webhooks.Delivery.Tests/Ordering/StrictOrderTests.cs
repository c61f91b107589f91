using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ordering;

/// <summary>Deliveries of one key one after the other, in the order of commit, whatever fails.</summary>
public sealed class StrictOrderTests(Installation installation) : IClassFixture<Installation>
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 10).Select(k => $"key-{k}")];

    [Fact]
    public async Task Each_key_keeps_its_order_while_one_of_them_fails_three_times()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict();
        var fails = Ground.Payload(Keys[3], 5);
        var othersWhileItFails = 0;
        ground.Receiver.Answer = async r =>
        {
            if (System.Text.Encoding.UTF8.GetString(r.Body) != fails || r.Attempt > 3)
            {
                return 200;
            }

            // The first answer comes when all others have come: none of them waits for this one.
            if (r.Attempt == 1)
            {
                await Eventually.Is(() => ground.Receiver.Requests.Count >= (9 * 100) + 6, "the other keys are through", TimeSpan.FromSeconds(50));
                othersWhileItFails = ground.NumbersOf(Keys[3]).Length;
            }

            return 500;
        };
        for (var number = 0; number < 100; number++)
        {
            await Task.WhenAll(Keys.Select(k => ground.Emit(node, Ground.Payload(k, number), k)));
        }

        await Eventually.Is(() => ground.NumbersOf(Keys[3]).Length == 100, "the failing key is through", TimeSpan.FromSeconds(120));
        Assert.Equal(6, othersWhileItFails);
        Assert.All(Keys, k => Assert.Equal(Enumerable.Range(0, 100), ground.NumbersOf(k)));
        Assert.Equal([1, 2, 3, 4], ground.Receiver.Requests.Where(r => System.Text.Encoding.UTF8.GetString(r.Body) == fails).Select(r => r.Attempt));
        await ground.QueueIsEmpty(webhook);
    }

    [Fact]
    public async Task Never_are_two_of_one_key_under_way_at_a_time()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.RegisterStrict();
        var (underWay, most) = (0, 0);
        ground.Receiver.Answer = async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref underWay));
            await Task.Yield();
            Interlocked.Decrement(ref underWay);
            return 200;
        };
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => ground.Emit(node)));
        await ground.Receiver.HasReceived(200);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Two_nodes_that_accept_at_once_number_without_gaps_and_the_receiver_sees_the_order_of_commit()
    {
        await using var ground = await Ground.Of(installation);
        // Whoever stands still for a moment is not taken for dead: what is sent twice comes out of its order.
        static DeliveryOptions Unhurried(DeliveryOptions o) => o with { Lease = TimeSpan.FromSeconds(300) };
        var nodes = new[] { await ground.StartNode(Unhurried), await ground.StartNode(Unhurried) };
        var webhook = await ground.RegisterStrict();
        var emitted = await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            var messages = new List<Guid>();
            for (var i = 0; i < 50; i++)
            {
                messages.Add((await ground.Emit(nodes[worker % 2])).Message.Value);
            }

            return messages.ToArray();
        }));

        await ground.Receiver.HasReceived(400);
        Assert.Equal(Enumerable.Range(1, 400), ground.Receiver.Requests.Select(r => int.Parse(r.Headers["webhook-sequence"])));

        // Which of two that were under way at once was committed first, nobody can tell; of one that was answered before the next was sent, everybody can.
        foreach (var answered in emitted)
        {
            var numbers = await installation.Scalar<long[]>($$"""
                select array_agg((convert_from(e.data, 'UTF8')::json -> 'deliveries' -> 0 ->> 'sequence')::bigint order by m.place)
                from unnest('{{{string.Join(',', answered)}}}'::uuid[]) with ordinality as m (id, place) join es.events e on e.stream_id = m.id and e.version = 1
                """);
            Assert.Equal(50, numbers.Length);
            Assert.Equal(numbers.Order(), numbers);
        }

        await ground.QueueIsEmpty(webhook);
    }

    [Fact]
    public async Task A_node_that_dies_amid_the_work_leaves_the_order_to_the_next()
    {
        await using var ground = await Ground.Of(installation);
        var first = await ground.StartNode(o => o with { Drain = TimeSpan.Zero });
        var webhook = await ground.RegisterStrict();
        for (var number = 0; number < 100; number++)
        {
            await Task.WhenAll(Keys.Take(3).Select(k => ground.Emit(first, Ground.Payload(k, number), k)));
        }

        await ground.Receiver.HasReceived(30);
        await first.DisposeAsync();
        await ground.StartNode();
        await ground.QueueIsEmpty(webhook);
        Assert.All(Keys.Take(3), k => Assert.Equal(Enumerable.Range(0, 100), ground.NumbersOf(k).Distinct()));
    }

    [Fact]
    public async Task With_little_memory_the_order_is_the_same()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode(o => o with { MaxInMemory = 3, MaxInFlight = 2 });
        var webhook = await ground.RegisterStrict();
        for (var number = 0; number < 50; number++)
        {
            await Task.WhenAll(Keys.Select(k => ground.Emit(node, Ground.Payload(k, number), k)));
        }

        await ground.QueueIsEmpty(webhook);
        Assert.All(Keys, k => Assert.Equal(Enumerable.Range(0, 50), ground.NumbersOf(k)));
        await Eventually.Is(() => node.Pump.InMemory == 0, "no room stays taken");
    }

    [Fact]
    public async Task A_disabled_webhook_gets_what_it_missed_in_order()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict();
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), ground.Company);
        var first = await ground.Emit(node, Ground.Payload("a", 0), "a");
        await ground.HasFacts(first.Deliveries[0], typeof(DeliveryDeferred));
        for (var number = 1; number < 20; number++)
        {
            await ground.Emit(node, Ground.Payload("a", number), "a");
        }

        Assert.Empty(ground.Receiver.Requests);
        await installation.Change(webhook, new EnableWebhook(), ground.Company);
        await ground.QueueIsEmpty(webhook);
        Assert.Equal(Enumerable.Range(0, 20), ground.NumbersOf("a"));
    }
}
