using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.Connections;

public sealed class The_database_clock
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeClock _here = new();
    private readonly DatabaseClock _clock;

    public The_database_clock() => _clock = new DatabaseClock(_here);

    [Fact]
    public void Is_not_guessed_before_it_was_seen() => Assert.Throws<InvalidOperationException>(() => _clock.Now);

    [Fact]
    public void Goes_on_from_what_was_seen_whatever_the_time_is_here()
    {
        _clock.Observe(Noon);
        _here.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(Noon.AddSeconds(5), _clock.Now);
    }

    [Fact]
    public void Believes_the_observation_that_was_under_way_the_shortest()
    {
        _clock.Observe(Noon);
        _clock.Observe(Noon.AddMilliseconds(-20));
        Assert.Equal(Noon, _clock.Now);

        _clock.Observe(Noon.AddMilliseconds(20));
        Assert.Equal(Noon.AddMilliseconds(20), _clock.Now);
    }

    [Fact]
    public void Follows_the_database_back_when_its_anchor_is_old()
    {
        _clock.Observe(Noon);
        _here.Advance(TimeSpan.FromMinutes(1));

        _clock.Observe(Noon.AddSeconds(59));

        Assert.Equal(Noon.AddSeconds(59), _clock.Now);
    }
}
