using Webhooks.Domain.Messages;

namespace Webhooks.Domain.Tests.Messages;

public sealed class EventTypePatternTests
{
    [Theory]
    [InlineData("user.created", "user.created", true)]
    [InlineData("user.created", "user.created.late", false)]
    [InlineData("user.*", "user.created", true)]
    [InlineData("user.*", "user.address.changed", true)]
    [InlineData("user.*", "user", false)]
    [InlineData("user.*", "users.created", false)]
    [InlineData("*.created", "user.created", true)]
    [InlineData("*.created", "user.address.created", false)]
    [InlineData("order.*.failed", "order.payment.failed", true)]
    [InlineData("order.*.failed", "order.failed", false)]
    [InlineData("order.*.*", "order.payment", false)]
    [InlineData("order.*.*", "order.payment.failed.again", true)]
    [InlineData("*", "anything.at/all", true)]
    [InlineData("*.*", "one", false)]
    public void A_star_is_one_segment_and_at_the_end_one_or_more(string pattern, string type, bool matches)
    {
        Assert.Null(EventTypePattern.Refuse(pattern, "event_types[0]"));
        Assert.Equal(matches, EventTypePattern.Matches(pattern, type));
    }

    [Theory]
    [InlineData("user*")]
    [InlineData("user.cr*")]
    [InlineData("**")]
    [InlineData("user.**")]
    [InlineData("us er.*")]
    [InlineData("-.*")]
    [InlineData(".*")]
    public void Half_a_segment_has_no_star(string pattern) => Assert.Equal("event_type.pattern", EventTypePattern.Refuse(pattern, "event_types[0]")?.Code);

    [Fact]
    public void A_pattern_is_no_longer_than_a_type() => Assert.NotNull(EventTypePattern.Refuse(new string('a', 127) + ".*", "f"));

    [Theory]
    [InlineData("eu,shop-7,customer:12", null)]
    [InlineData("eu,eu", "channels[1] channel.duplicate")]
    [InlineData("eu,e u", "channels[1] channel.form")]
    [InlineData("a,b,c,d,e,f,g,h,i,j,k", "channels channel.too_many")]
    public void Channels_have_a_form_and_stand_once(string list, string? refused)
    {
        var refusal = Channels.Refuse(list.Split(','), 10, "channels");
        Assert.Equal(refused, refusal is null ? null : $"{refusal.Field} {refusal.Code}");
    }

    [Fact]
    public void The_same_set_of_channels_is_the_same_request()
    {
        Assert.Equal("", Channels.Key(default));
        Assert.Equal(Channels.Key(new[] { "a", "b" }), Channels.Key(new[] { "b", "a" }));
        Assert.NotEqual(Channels.Key(new[] { "a" }), Channels.Key(new[] { "b" }));
    }
}
