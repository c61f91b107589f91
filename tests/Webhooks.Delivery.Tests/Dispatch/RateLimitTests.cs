using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>Lanes with a rate limit, on a clock that the test moves.</summary>
public sealed class RateLimitTests
{
    private static readonly CompanyId Company = Lineup.Company();
    private static readonly WebhookId Limited = Lineup.Webhook();

    private static Lineup With(DeliveryLimits limits) => new(policy: new PumpPolicy { LimitsOf = (_, w) => w == Limited ? limits : null });

    [Fact]
    public void Starts_are_evenly_spaced_and_the_lane_is_not_asked_in_between()
    {
        var lineup = With(new(null, new(4, RatePeriod.Second)));
        lineup.Come(Company, Limited, 100);
        Assert.Single(lineup.StartAll());
        Assert.Empty(lineup.StartAll(TimeSpan.FromMilliseconds(249)));
        Assert.Single(lineup.StartAll(TimeSpan.FromMilliseconds(1)));
        Assert.Single(lineup.StartAll(TimeSpan.FromMilliseconds(250)));
    }

    [Fact]
    public void A_lane_that_waits_for_its_rate_holds_up_nobody()
    {
        var lineup = With(new(null, new(1, RatePeriod.Minute)));
        lineup.Come(Company, Limited, 1000);
        lineup.StartAll();
        lineup.Come(Company, Lineup.Webhook(), 5);
        Assert.Equal(5, lineup.StartAll().Count);
    }

    [Fact]
    public void Retries_and_first_attempts_share_one_rate()
    {
        var lineup = With(new(null, new(10, RatePeriod.Second)));
        lineup.Come(Company, Limited, 100);
        lineup.Come(Company, Limited, 100, retries: true);
        var started = lineup.StartAll();
        for (var i = 0; i < 39; i++)
        {
            started.AddRange(lineup.StartAll(TimeSpan.FromMilliseconds(100)));
            lineup.End(lineup.UnderWay[0]);
        }

        Assert.Equal(40, started.Count);
        Assert.Equal(10, started.Count(s => s.Line.IsRetry));
    }

    [Fact]
    public void The_cap_on_requests_under_way_holds_beside_the_rate()
    {
        var lineup = With(new(1, new(10, RatePeriod.Second)));
        lineup.Come(Company, Limited, 100);
        var first = Assert.Single(lineup.StartAll());
        Assert.Empty(lineup.StartAll(TimeSpan.FromSeconds(5)));
        lineup.End(first);
        Assert.Single(lineup.StartAll());
        lineup.End(lineup.UnderWay[0]);
        Assert.Empty(lineup.StartAll());
        Assert.Single(lineup.StartAll(TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public void A_lane_whose_rate_was_used_is_not_forgotten_before_it_would_be_free()
    {
        var lineup = With(new(null, new(1, RatePeriod.Minute)));
        lineup.Come(Company, Limited, 1);
        lineup.End(Assert.Single(lineup.StartAll()));
        for (var i = 0; i < 10_000; i++)
        {
            lineup.Lane(Company, Lineup.Webhook());
        }

        lineup.Come(Company, Limited, 1);
        Assert.Empty(lineup.StartAll());
        Assert.Single(lineup.StartAll(TimeSpan.FromMinutes(1)));
        Assert.InRange(lineup.Lanes, 4096, 6000);
    }
}
