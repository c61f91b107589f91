using Webhooks.Delivery.Recovery;

namespace Webhooks.Delivery.Tests.Recovery;

public sealed class DueCursorTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 2, 10, 0, 0, TimeSpan.Zero);
    private readonly DueCursor _cursor = new();

    private static DuePosition At(int seconds, byte id = 0) => new(Now.AddSeconds(seconds).UtcDateTime, new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, id));

    [Fact]
    public void Without_a_webhook_that_is_behind_every_claim_begins_at_the_start()
    {
        _cursor.From(Now, anyBehind: false);
        _cursor.Reached(At(-10));
        Assert.Equal(DuePosition.Start, _cursor.From(Now, anyBehind: false));
    }

    [Fact]
    public void With_one_the_next_claim_goes_on_where_the_last_one_ended()
    {
        _cursor.From(Now, anyBehind: true);
        _cursor.Reached(At(-100, 7));
        Assert.Equal(At(-100, 7), _cursor.From(Now, anyBehind: true));
        _cursor.Reached(At(-100, 3));
        Assert.Equal(At(-100, 7), _cursor.From(Now, anyBehind: true));
    }

    [Fact]
    public void When_all_was_seen_the_last_seconds_are_looked_at_again()
    {
        _cursor.From(Now, anyBehind: true);
        _cursor.SawAll(Now);
        Assert.Equal(At(-5), _cursor.From(Now, anyBehind: true));
    }

    [Fact]
    public void All_is_looked_at_again_every_thirty_seconds_and_when_told()
    {
        _cursor.From(Now, anyBehind: true);
        _cursor.SawAll(Now);
        Assert.NotEqual(DuePosition.Start, _cursor.From(Now.AddSeconds(30), anyBehind: true));
        Assert.Equal(DuePosition.Start, _cursor.From(Now.AddSeconds(31), anyBehind: true));

        _cursor.SawAll(Now.AddSeconds(31));
        _cursor.Restart();
        Assert.Equal(DuePosition.Start, _cursor.From(Now.AddSeconds(32), anyBehind: true));
    }
}
