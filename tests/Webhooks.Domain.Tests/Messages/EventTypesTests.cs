using Webhooks.Domain.Messages;

namespace Webhooks.Domain.Tests.Messages;

public class EventTypesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("order.created")]
    [InlineData("group_reservation_updated")]
    [InlineData("A/b:c-d_e.f9")]
    [InlineData(EventTypes.Test)]
    public void Letters_digits_and_a_few_signs_are_an_event_type(string type)
    {
        Assert.True(EventTypes.IsValid(type));
        Assert.Null(EventTypes.Refuse(type, "type"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("_a")]
    [InlineData("a b")]
    [InlineData("a*")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("a\u0000")]
    [InlineData("a,b")]
    public void Anything_else_is_refused_at_the_field_it_came_from(string type)
    {
        var refusal = EventTypes.Refuse(type, "event_types[3]");
        Assert.Equal((RefusalKind.Invalid, "event_type.form", "event_types[3]"), (refusal!.Kind, refusal.Code, refusal.Field));
    }

    [Fact]
    public void An_event_type_has_at_most_128_characters()
    {
        Assert.True(EventTypes.IsValid(new string('a', 128)));
        Assert.False(EventTypes.IsValid(new string('a', 129)));
    }
}
