using Webhooks.Delivery.Dispatch;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Tests.Dispatch;

public sealed class PacerTests
{
    private static long Ms(double ms) => (long)(ms * TimeSpan.TicksPerMillisecond);

    /// <summary>Asks whenever the pacer says, as late as told, for a time of ten windows.</summary>
    private static List<long> Starts(RateLimit rate, Func<int, long> late, long until)
    {
        var pacer = new Pacer();
        var starts = new List<long>();
        for (long now = Ms(1000), asks = 0; now < until; asks++)
        {
            if (pacer.TryTake(now, rate.Interval.Ticks, out var freeAt))
            {
                starts.Add(now);
            }
            else
            {
                now = Math.Max(now, freeAt) + late((int)asks);
            }
        }

        return starts;
    }

    private static int MostInAnyWindow(List<long> starts, long window) => starts.Select((s, i) => starts.Skip(i).TakeWhile(t => t < s + window).Count()).Max();

    [Theory]
    [InlineData(1, RatePeriod.Second)]
    [InlineData(5, RatePeriod.Second)]
    [InlineData(20, RatePeriod.Second)]
    [InlineData(7, RatePeriod.Minute)]
    [InlineData(600, RatePeriod.Minute)]
    public void No_stretch_of_time_sees_more_than_the_count_of_a_slow_rate(int count, RatePeriod per)
    {
        var window = per == RatePeriod.Minute ? TimeSpan.TicksPerMinute : TimeSpan.TicksPerSecond;
        var starts = Starts(new RateLimit(count, per), _ => 0, window * 10);
        Assert.Equal(count, MostInAnyWindow(starts, window));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(10_000)]
    public void A_fast_rate_makes_up_what_late_timers_cost_and_stays_within_105_percent(int count)
    {
        var starts = Starts(new RateLimit(count, RatePeriod.Second), asks => Ms(asks % 16), TimeSpan.TicksPerSecond * 4);
        Assert.InRange(MostInAnyWindow(starts, TimeSpan.TicksPerSecond), count, count * 1.05);
        Assert.InRange(starts.Count, count * 3 * 0.99, count * 3 * 1.05);
    }

    [Fact]
    public void A_long_rest_saves_up_no_burst()
    {
        var pacer = new Pacer();
        Assert.True(pacer.TryTake(Ms(0), Ms(100), out _));
        Assert.True(pacer.TryTake(Ms(60_000), Ms(100), out _));
        Assert.False(pacer.TryTake(Ms(60_000), Ms(100), out var freeAt));
        Assert.Equal(Ms(60_100), freeAt);
    }

    [Fact]
    public void Intervals_are_rounded_so_that_a_rate_is_never_exceeded()
    {
        Assert.Equal(3_333_334, new RateLimit(3, RatePeriod.Second).Interval.Ticks);
        Assert.Equal(TimeSpan.FromSeconds(1), new RateLimit(60, RatePeriod.Minute).Interval);
    }
}
