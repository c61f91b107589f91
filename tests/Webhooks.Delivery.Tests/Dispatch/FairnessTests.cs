using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>Whose turn it is, and how much of the node each may take.</summary>
public sealed class FairnessTests
{
    private static readonly CompanyId Loud = Lineup.Company();
    private static readonly CompanyId Quiet = Lineup.Company();

    [Fact]
    public void A_company_that_publishes_a_hundred_times_as_much_leaves_the_other_its_share()
    {
        var lineup = new Lineup(maxInFlight: 64, perWebhook: 10);
        foreach (var webhook in Lineup.Webhooks(20))
        {
            lineup.Come(Loud, webhook, 500);
        }

        foreach (var webhook in Lineup.Webhooks(20))
        {
            lineup.Come(Quiet, webhook, 5);
        }

        var started = lineup.StartAll();
        started.AddRange(lineup.EndOldest(250));
        var upToItsLast = started[..(started.FindLastIndex(s => s.Company == Quiet) + 1)];

        // As long as it has something to send, every second start is its own.
        Assert.Equal(100, upToItsLast.Count(s => s.Company == Quiet));
        Assert.InRange(upToItsLast.Count, 190, 230);
    }

    [Fact]
    public void A_new_event_of_a_quiet_company_starts_next_however_many_of_others_wait()
    {
        var lineup = new Lineup(maxInFlight: 16);
        foreach (var webhook in Lineup.Webhooks(20))
        {
            lineup.Come(Loud, webhook, 1000);
        }

        lineup.StartAll();
        lineup.EndOldest(50);
        lineup.Come(Quiet, Lineup.Webhook(), 1);
        Assert.Contains(lineup.StartAll().Concat(lineup.EndOldest(2)), s => s.Company == Quiet);
    }

    [Fact]
    public void Starts_go_by_weight()
    {
        var lineup = new Lineup(maxInFlight: 8, policy: new PumpPolicy { WeightOf = c => c == Quiet ? 3 : 1 }, perWebhook: 1);
        foreach (var company in new[] { Loud, Quiet })
        {
            foreach (var webhook in Lineup.Webhooks(20))
            {
                lineup.Come(company, webhook, 100);
            }
        }

        lineup.StartAll();
        var started = lineup.EndOldest(400);
        Assert.InRange(started.Count(s => s.Company == Quiet), 290, 310);
        Assert.InRange(started.Count(s => s.Company == Loud), 90, 110);
    }

    [Fact]
    public void However_many_hang_something_stays_free_for_the_next_company()
    {
        var lineup = new Lineup(maxInFlight: 512);
        for (var hung = 0; hung < 5; hung++)
        {
            var company = Lineup.Company();
            foreach (var webhook in Lineup.Webhooks(100))
            {
                lineup.Come(company, webhook, 100);
            }
        }

        lineup.StartAll();
        Assert.InRange(lineup.UnderWay.Count, 400, 500);
        lineup.Come(Quiet, Lineup.Webhook(), 10);
        Assert.Equal(10, lineup.StartAll().Count);
    }

    [Fact]
    public void A_company_alone_may_have_four_fifths_of_what_first_attempts_may_have()
    {
        var lineup = new Lineup(maxInFlight: 500);
        foreach (var webhook in Lineup.Webhooks(100))
        {
            lineup.Come(Loud, webhook, 100);
        }

        lineup.StartAll();
        Assert.Equal(350, lineup.UnderWay.Count);
    }

    [Fact]
    public void A_company_that_was_over_its_share_goes_on_when_others_end()
    {
        var lineup = new Lineup(maxInFlight: 100);
        foreach (var company in new[] { Loud, Quiet })
        {
            foreach (var webhook in Lineup.Webhooks(30))
            {
                lineup.Come(company, webhook, 10);
            }
        }

        lineup.StartAll();
        while (lineup.UnderWay.Count > 0)
        {
            lineup.EndOldest(1);
        }

        Assert.All(new[] { Loud, Quiet }, company => Assert.Empty(lineup.Waiting(company)));
    }

    [Fact]
    public void A_flood_of_retries_leaves_half_to_first_attempts_and_one_of_first_attempts_an_eighth_to_retries()
    {
        var retries = new Lineup(maxInFlight: 80);
        foreach (var webhook in Lineup.Webhooks(100))
        {
            retries.Come(Lineup.Company(), webhook, 100, retries: true);
        }

        Assert.Equal(40, retries.StartAll().Count);
        retries.Come(Quiet, Lineup.Webhook(), 1);
        Assert.Single(retries.StartAll());

        var firsts = new Lineup(maxInFlight: 80);
        foreach (var webhook in Lineup.Webhooks(100))
        {
            firsts.Come(Lineup.Company(), webhook, 100);
        }

        Assert.Equal(70, firsts.StartAll().Count);
        firsts.Come(Quiet, Lineup.Webhook(), 1, retries: true);
        Assert.Single(firsts.StartAll());
    }

    [Fact]
    public void Of_four_starts_one_is_a_retry_while_both_wait()
    {
        var lineup = new Lineup(maxInFlight: 4, perWebhook: 1);
        foreach (var webhook in Lineup.Webhooks(10))
        {
            lineup.Come(Loud, webhook, 100);
            lineup.Come(Loud, webhook, 100, retries: true);
        }

        lineup.StartAll();
        Assert.Equal(100, lineup.EndOldest(400).Count(s => s.Line.IsRetry));
    }

    [Fact]
    public void A_webhooks_own_cap_stands_above_the_default_and_the_default_is_divided_by_the_nodes()
    {
        var (own, common) = (Lineup.Webhook(), Lineup.Webhook());
        var nodes = 1;
        var lineup = new Lineup(perWebhook: 8, policy: new PumpPolicy { LimitsOf = (_, w) => w == own ? new DeliveryLimits(3, null) : null, LiveNodes = () => nodes });
        lineup.Come(Loud, own, 50);
        lineup.Come(Loud, common, 50);
        lineup.StartAll();
        Assert.Equal((3, 8), (lineup.UnderWayOf(own), lineup.UnderWayOf(common)));

        nodes = 3;
        lineup.EndOldest(30);
        Assert.Equal((3, 2), (lineup.UnderWayOf(own), lineup.UnderWayOf(common)));
    }
}
