using System.Collections.Concurrent;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ordering;

/// <summary>Deliveries of one key one after the other, in the order of commit, whatever fails.</summary>
public sealed class StrictOrderTests(Installation installation) : IClassFixture<Installation>
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 10).Select(k => $"key-{k}")];

    private static string Payload(string key, int number) => $"[\"{key}\",{number}]";

    [Fact]
    public async Task Each_key_keeps_its_order_while_one_of_them_fails_three_times()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict();
        var fails = Payload(Keys[3], 5);
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
                await Eventually.Is(() => Keys.All(k => k == Keys[3] || ground.NumbersOf(k).Length == 100), "the other keys are through");
                othersWhileItFails = ground.NumbersOf(Keys[3]).Length;
            }

            return 500;
        };
        for (var number = 0; number < 100; number++)
        {
            await Task.WhenAll(Keys.Select(k => ground.Emit(node, Payload(k, number), k)));
        }

        await Eventually.Is(() => ground.NumbersOf(Keys[3]).Length == 100, "the failing key is through");
        Assert.Equal(6, othersWhileItFails);
        Assert.All(Keys, k => Assert.Equal(Enumerable.Range(0, 100), ground.NumbersOf(k)));
        Assert.Equal([1, 2, 3, 4], ground.Receiver.Requests.Where(r => System.Text.Encoding.UTF8.GetString(r.Body) == fails).Select(r => r.Attempt));
        await QueueIsEmpty(webhook);
    }

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
        await ground.Receiver.HasReceived(2_500);
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
        var nodes = new[] { await ground.StartNode(), await ground.StartNode() };
        var webhook = await ground.RegisterStrict();
        var emitted = new ConcurrentBag<EmitOutcome.Accepted>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var i = 0; i < 50; i++)
            {
                emitted.Add(await ground.Emit(nodes[worker % 2]));
            }
        }));

        await ground.Receiver.HasReceived(400);
        Assert.Equal(Enumerable.Range(1, 400), ground.Receiver.Requests.Select(r => int.Parse(r.Headers["webhook-sequence"])));

        // As the log has them, in the order in which readers see it.
        var inTheLog = await installation.Scalar<string[]>($"""
            select array_agg(convert_from(data, 'UTF8')::json -> 'deliveries' -> 0 ->> 'sequence' order by tx, seq)
            from es.events where company_id = '{ground.Company.Value}' and type = 'message.emitted.v1'
            """);
        Assert.Equal(Enumerable.Range(1, 400).Select(n => n.ToString()), inTheLog);
        await QueueIsEmpty(webhook);
    }

    [Fact]
    public async Task A_node_that_dies_amid_the_work_leaves_the_order_to_the_next()
    {
        await using var ground = await Ground.Of(installation);
        var first = await ground.StartNode(o => o with { Drain = TimeSpan.Zero });
        var webhook = await ground.RegisterStrict();
        for (var number = 0; number < 100; number++)
        {
            await Task.WhenAll(Keys.Take(3).Select(k => ground.Emit(first, Payload(k, number), k)));
        }

        await ground.Receiver.HasReceived(30);
        await first.DisposeAsync();
        await ground.StartNode();
        await QueueIsEmpty(webhook);
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
            await Task.WhenAll(Keys.Select(k => ground.Emit(node, Payload(k, number), k)));
        }

        await QueueIsEmpty(webhook);
        Assert.All(Keys, k => Assert.Equal(Enumerable.Range(0, 50), ground.NumbersOf(k)));
        await Eventually.Is(() => node.Pump.InMemory == 0, "no room stays taken");
    }

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
        await QueueIsEmpty(webhook);
        Assert.Equal(["1", "1", "2"], ground.Receiver.Requests.Select(r => r.Headers["webhook-sequence"]));
    }

    [Fact]
    public async Task Where_it_blocks_only_the_exhausted_deliverys_key_waits_until_a_retry_succeeds()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict(OnExhausted.Block, maxAttempts: 2);
        ground.Receiver.Answer = r => Task.FromResult(r.Headers["webhook-sequence"] == "1" && r.Attempt < 3 ? 500 : 200);
        var first = await ground.Emit(node, Payload("a", 1), "a");
        await ground.Emit(node, Payload("a", 2), "a");
        await ground.HasFacts(first.Deliveries[0], typeof(AttemptFailed), typeof(AttemptFailed), typeof(DeliveryExhausted));
        await ground.Emit(node, Payload("a", 3), "a");
        var other = await ground.Emit(node, Payload("b", 4), "b");
        await ground.HasFacts(other.Deliveries[0], typeof(AttemptSucceeded));
        Assert.Equal(["1", "1", "4"], ground.Receiver.Requests.Select(r => r.Headers["webhook-sequence"]));

        Assert.Null(await node.Resends.Resend(ground.PlanOf(first, webhook, 1, "a"), WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default));
        await QueueIsEmpty(webhook);
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
        await QueueIsEmpty(webhook);
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
    public async Task A_disabled_webhook_gets_what_it_missed_in_order()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict();
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), ground.Company);
        var first = await ground.Emit(node, Payload("a", 0), "a");
        await ground.HasFacts(first.Deliveries[0], typeof(DeliveryDeferred));
        for (var number = 1; number < 20; number++)
        {
            await ground.Emit(node, Payload("a", number), "a");
        }

        Assert.Empty(ground.Receiver.Requests);
        await installation.Change(webhook, new EnableWebhook(), ground.Company);
        await QueueIsEmpty(webhook);
        Assert.Equal(Enumerable.Range(0, 20), ground.NumbersOf("a"));
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

    [Fact]
    public async Task A_webhook_that_only_numbers_gets_its_events_at_once_with_numbers()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.Register(c => c with { SequenceNumbers = true });
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ground.Emit(node)));
        await ground.Receiver.HasReceived(50);
        Assert.Equal(Enumerable.Range(1, 50), ground.Receiver.Requests.Select(r => int.Parse(r.Headers["webhook-sequence"])).Order());
    }

    [Fact]
    public async Task What_is_not_accepted_leaves_no_gap()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.RegisterStrict();
        EventToEmit Event(string id) => new(ground.Company, "order.paid", "{}"u8.ToArray(), id, null, Guid.NewGuid());
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => node.Acceptance.Emit(Event($"{i}"), default)));

        // Repeats among new ones, while the webhooks change: batches are rolled back and written again without those at fault.
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            if (i % 20 == 0)
            {
                await installation.Register(new Uri("http://127.0.0.1:1/"), c => c with { EventTypes = new[] { "other" } }, ground.Company);
            }

            await node.Acceptance.Emit(Event($"{i}"), default);
        }));
        await ground.Receiver.HasReceived(60);
        Assert.Equal(Enumerable.Range(1, 60), ground.Receiver.Requests.Select(r => int.Parse(r.Headers["webhook-sequence"])));
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

    [Fact]
    public async Task A_test_waits_for_nothing_and_takes_no_number()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        var webhook = await ground.RegisterStrict(OnExhausted.Block, maxAttempts: 1);
        ground.Receiver.Answer = _ => Task.FromResult(500);
        var first = await ground.Emit(node);
        await ground.HasFacts(first.Deliveries[0], typeof(AttemptFailed), typeof(DeliveryExhausted));
        var (_, attempted) = await node.Tests.Send(ground.Company, webhook, "{}"u8.ToArray(), null, Guid.NewGuid(), TimeSpan.FromSeconds(30), default);
        Assert.True(attempted);
        Assert.DoesNotContain("webhook-sequence", ground.Receiver.Requests.Last().Headers.Keys);
    }

    private Task QueueIsEmpty(WebhookId webhook) =>
        Eventually.Is(async () => await installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{webhook.Value}'") == 0, "the queue is empty");
}
