using Webhooks.Delivery.Dispatch;

namespace Webhooks.Delivery.Tests.Dispatch;

public sealed class InFlightWindowTests
{
    [Fact]
    public void Eight_successes_add_one_up_to_the_cap()
    {
        var window = new InFlightWindow(start: 10, floor: 1);
        Succeed(window, 8, cap: 12);
        Assert.Equal(11, window.Allowed);
        Succeed(window, 100, cap: 12);
        Assert.Equal(12, window.Allowed);
    }

    [Fact]
    public void Failures_of_one_round_halve_once()
    {
        var window = new InFlightWindow(start: 64, floor: 1);
        var round = window.Round;
        for (var i = 0; i < 64; i++)
        {
            window.Failed(round);
        }

        Assert.Equal(32, window.Allowed);
        window.Failed(window.Round);
        Assert.Equal(16, window.Allowed);
    }

    [Fact]
    public void Halving_ends_at_the_floor()
    {
        var window = new InFlightWindow(start: 5, floor: 1);
        for (var i = 0; i < 10; i++)
        {
            window.Failed(window.Round);
        }

        Assert.Equal(1, window.Allowed);
    }

    [Fact]
    public void A_lower_cap_takes_nothing_away()
    {
        var window = new InFlightWindow(start: 20, floor: 1);
        window.Succeeded(cap: 5);
        Assert.Equal(20, window.Allowed);
    }

    private static void Succeed(InFlightWindow window, int times, int cap)
    {
        for (var i = 0; i < times; i++)
        {
            window.Succeeded(cap);
        }
    }
}
