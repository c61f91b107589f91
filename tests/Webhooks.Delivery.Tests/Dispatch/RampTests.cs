using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>Receivers that fail, hang and come back.</summary>
public sealed class RampTests
{
    private static readonly CompanyId Company = Lineup.Company();

    [Fact]
    public void An_unknown_receiver_starts_low_and_grows_to_its_cap_as_it_succeeds()
    {
        var webhook = Lineup.Webhook();
        var lineup = new Lineup();
        lineup.Come(Company, webhook, 2000);
        Assert.Equal(Lane.Unknown, lineup.StartAll().Count);
        lineup.EndOldest(500);
        Assert.Equal(64, lineup.UnderWayOf(webhook));
    }

    [Fact]
    public void A_receiver_that_fails_is_tried_with_fewer_and_then_one_at_a_time()
    {
        var webhook = Lineup.Webhook();
        var lineup = new Lineup();
        lineup.Come(Company, webhook, 2000);
        lineup.StartAll();
        lineup.EndOldest(500);
        foreach (var expected in new[] { 32, 16, 8, 4, 2, 1, 1 })
        {
            foreach (var attempt in lineup.UnderWay.ToList())
            {
                lineup.End(attempt, LaneOutcome.Struggled);
            }

            lineup.StartAll();
            Assert.Equal(expected, lineup.UnderWayOf(webhook));
        }
    }

    [Fact]
    public void What_failed_on_our_side_says_nothing_about_the_receiver()
    {
        var webhook = Lineup.Webhook();
        var lineup = new Lineup();
        lineup.Come(Company, webhook, 100);
        lineup.StartAll();
        foreach (var attempt in lineup.UnderWay.ToList())
        {
            lineup.End(attempt, LaneOutcome.None);
        }

        Assert.Equal(Lane.Unknown, lineup.StartAll().Count);
    }

    [Fact]
    public void Five_hundred_webhooks_that_come_back_at_once_are_ramped_up_together_and_none_gets_more_than_its_cap()
    {
        var webhooks = Lineup.Webhooks(500);
        var lineup = new Lineup(maxInFlight: 512, perWebhook: 3);
        foreach (var webhook in webhooks)
        {
            lineup.Lane(Company, webhook).ComesBack();
            lineup.Come(Company, webhook, 200);
        }

        Assert.Equal(64, lineup.StartAll().Count);
        var waves = new List<int>();
        for (var wave = 0; wave < 12; wave++)
        {
            foreach (var attempt in lineup.UnderWay.ToList())
            {
                lineup.End(attempt);
                lineup.StartAll();
            }

            waves.Add(lineup.UnderWay.Count);
            Assert.All(webhooks, w => Assert.InRange(lineup.UnderWayOf(w), 0, 3));
        }

        Assert.InRange(waves[0], 65, 80);
        Assert.Equal(waves.Order(), waves);
        Assert.InRange(waves[^1], 200, 410);
    }

    [Fact]
    public void Five_hundred_that_hang_hold_an_eighth_of_the_node()
    {
        var lineup = new Lineup(maxInFlight: 512);
        foreach (var webhook in Lineup.Webhooks(500))
        {
            lineup.Lane(Company, webhook).ComesBack();
            lineup.Come(Company, webhook, 20);
        }

        lineup.StartAll();
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal((64, 64), (lineup.UnderWay.Count, lineup.OnRamp));
            foreach (var attempt in lineup.UnderWay.ToList())
            {
                lineup.End(attempt, LaneOutcome.Struggled);
            }

            lineup.StartAll();
        }

        // One that is well has nothing to do with them.
        var well = Lineup.Webhook();
        lineup.Come(Company, well, 10);
        lineup.StartAll();
        Assert.Equal(10, lineup.UnderWayOf(well));
    }

    [Fact]
    public void Each_of_those_that_wait_for_the_ramp_has_its_turn()
    {
        var webhooks = Lineup.Webhooks(100);
        var lineup = new Lineup(maxInFlight: 16);
        foreach (var webhook in webhooks)
        {
            lineup.Lane(Company, webhook).ComesBack();
            lineup.Come(Company, webhook, 1);
        }

        var started = lineup.StartAll();
        started.AddRange(lineup.EndOldest(100));
        Assert.Equal(webhooks.Order(Comparer<WebhookId>.Create((a, b) => a.Value.CompareTo(b.Value))), started.Select(s => s.Webhook).Order(Comparer<WebhookId>.Create((a, b) => a.Value.CompareTo(b.Value))));
    }
}
