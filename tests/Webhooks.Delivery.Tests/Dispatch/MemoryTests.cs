using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>Who may keep how much in memory.</summary>
public sealed class MemoryTests
{
    private readonly CompanyLanes _company = new(Lineup.Company());
    private readonly CompanyLanes _other = new(Lineup.Company());

    private static Memory Memory(int deliveries = 20_000, long bytes = 64 * 1024 * 1024) => new(new DeliveryOptions { MaxInMemory = deliveries, MaxInMemoryBytes = bytes });

    private static Lane LaneOf(CompanyLanes company) => new(company, Lineup.Webhook(), Lane.Unknown);

    private static int Fill(Memory memory, Lane lane, int bytes = 100)
    {
        var count = 0;
        while (memory.TryTake(lane, bytes))
        {
            count++;
        }

        return count;
    }

    [Fact]
    public void One_webhook_gets_a_quarter_and_is_behind_from_then_on()
    {
        var (memory, lane) = (Memory(), LaneOf(_company));
        Assert.InRange(Fill(memory, lane), 4999, 5001);
        Assert.Equal([lane.Webhook.Value], memory.Behind);
        Assert.InRange(memory.Room, 14_999, 15_001);
    }

    [Fact]
    public void However_many_are_full_another_company_finds_room()
    {
        var memory = Memory();
        for (var i = 0; i < 100; i++)
        {
            Fill(memory, LaneOf(_company));
        }

        Assert.InRange(_company.InMemory, 9_000, 12_000);
        Assert.InRange(Fill(memory, LaneOf(_other)), 2_000, 5_000);
    }

    [Fact]
    public void Bytes_are_shared_as_deliveries_are()
    {
        var (memory, lane) = (Memory(bytes: 4_000_000), LaneOf(_company));
        Assert.InRange(Fill(memory, lane, 100_000), 9, 11);
        Assert.True(memory.TryTake(LaneOf(_company), 100_000));
        Assert.InRange(memory.Room, 20, 40);
    }

    [Fact]
    public void A_webhook_that_is_behind_asks_once_when_half_of_its_share_is_free()
    {
        var (memory, lane) = (Memory(deliveries: 400), LaneOf(_company));
        var held = Fill(memory, lane);
        var asked = 0;
        for (var left = held; left > 0; left--)
        {
            asked += memory.GiveBack(lane, 100) ? 1 : 0;
            Assert.Equal(lane.InMemory <= (200 - lane.InMemory) / 2, asked > 0);
        }

        Assert.Equal(1, asked);
        Assert.Equal(200, Assert.Single(memory.BehindWithRoom()).Room);
    }

    [Fact]
    public void One_that_is_behind_takes_nothing_directly_until_it_has_caught_up()
    {
        var (memory, lane) = (Memory(deliveries: 400), LaneOf(_company));
        for (var held = Fill(memory, lane); held > 0; held--)
        {
            memory.GiveBack(lane, 100);
        }

        Assert.False(memory.TryTake(lane, 100));
        memory.CaughtUp(lane);
        Assert.True(memory.TryTake(lane, 100));
        Assert.Empty(memory.Behind);
    }

    [Fact]
    public void What_was_claimed_is_taken_and_puts_its_webhook_behind_where_it_is_too_much()
    {
        var (memory, lane) = (Memory(deliveries: 400), LaneOf(_company));
        for (var i = 0; i < 150; i++)
        {
            memory.Take(lane, 100);
        }

        Assert.Equal(150, memory.Count);
        Assert.Equal([lane.Webhook.Value], memory.Behind);
        Assert.Empty(memory.BehindWithRoom());
    }
}
