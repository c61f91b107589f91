using Webhooks.Delivery.Accepting;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Tests.Ordering;

/// <summary>Numbers without gaps, in order or not.</summary>
public sealed class SequenceNumberTests(Installation installation) : IClassFixture<Installation>
{
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
}
