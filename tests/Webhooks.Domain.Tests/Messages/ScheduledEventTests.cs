using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Messages;

public class ScheduledEventTests
{
    private static readonly DateTimeOffset Tomorrow = Now.AddDays(1);

    private static EventEmitted Emitted(DateTimeOffset? deliverAt) =>
        Assert.IsType<EventEmitted>(GivenMessage().When(Emit(1) with { DeliverAt = deliverAt }).Decision.Facts[0]);

    [Fact]
    public void A_scheduled_event_says_when_it_is_due() => Assert.Equal(Tomorrow, Emitted(Tomorrow).DeliverAt);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-1_000_000)]
    public void What_is_due_in_the_past_is_due_at_once(int seconds) => Assert.Null(Emitted(Now.AddSeconds(seconds)).DeliverAt);

    [Fact]
    public void It_may_be_due_in_366_days_and_not_later()
    {
        GivenMessage().When(Emit(1) with { DeliverAt = Now.AddDays(366) }).Accepted();
        GivenMessage().When(Emit(1) with { DeliverAt = Now.AddDays(366).AddTicks(1) }).ThenInvalid("deliver_at", "event.deliver_at");
    }

    [Fact]
    public void Before_it_is_due_it_can_be_cancelled_once_and_again()
    {
        var given = GivenMessage(Emitted(Tomorrow));
        given.When(new CancelEvent(Tomorrow.AddTicks(-1))).Then(new EventCancelled());
        given.And(new EventCancelled()).When(new CancelEvent(Tomorrow.AddDays(1))).ThenNothing();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void From_then_on_it_cannot(int ticks) =>
        GivenMessage(Emitted(Tomorrow)).When(new CancelEvent(Tomorrow.AddTicks(ticks))).ThenRefused("event.due");

    [Fact]
    public void An_event_that_went_out_at_once_cannot_be_cancelled() =>
        GivenMessage(Emitted(null)).When(new CancelEvent(Now)).ThenRefused("event.not_scheduled");

    [Fact]
    public void Nor_one_that_was_never_emitted() =>
        GivenMessage().When(new CancelEvent(Now)).ThenRefused("event.not_found", RefusalKind.NotFound);

    [Theory]
    [InlineData("k")]
    [InlineData("Kunde № 17")]
    public void An_ordering_key_is_any_text(string key) =>
        Assert.Equal(key, ((EventEmitted)GivenMessage().When(Emit(1) with { OrderingKey = key }).Decision.Facts[0]).OrderingKey);

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData(129)]
    public void But_of_1_to_128_characters_none_of_them_control(object key) =>
        GivenMessage().When(Emit(1) with { OrderingKey = key as string ?? new string('k', (int)key) }).ThenInvalid("ordering_key", "event.ordering_key");

    [Fact]
    public void Numbers_stand_in_the_facts_of_those_deliveries_that_have_one()
    {
        var facts = GivenMessage().When(Emit(1500)).Decision.Facts.Cast<MessageFact>();
        var numbers = new Dictionary<DeliveryId, long> { [Id<DeliveryId>(2)] = 7, [Id<DeliveryId>(1400)] = 8 };
        var numbered = facts.Select(f => Message.Number(f, numbers)).SelectMany(f => f is EventEmitted e ? e.Deliveries : ((EventFannedOut)f).Deliveries).ToArray();
        Assert.Equal([7, 8], numbered.Where(d => d.Sequence is not null).Select(d => d.Sequence!.Value));
        Assert.Equal(Planned(1500), numbered.Select(d => d with { Sequence = null }));
    }

    [Fact]
    public void Order_and_schedule_come_back_from_the_log()
    {
        var fact = Emitted(Tomorrow) with { OrderingKey = "ä", Deliveries = new[] { Planned(1)[0] with { Sequence = 3, Ordered = true } } };
        Assert.Equal(fact, FactCatalogue.Deserialize("message.emitted.v1", FactCatalogue.Serialize(fact)));
        var webhook = new WebhookUpdated(Configuration with { Ordering = OrderingMode.Strict, OnExhausted = OnExhausted.Block, SequenceNumbers = true });
        Assert.Equal(webhook, FactCatalogue.Deserialize("webhook.updated.v1", FactCatalogue.Serialize(webhook)));
        var exhausted = new DeliveryExhausted { BlocksKey = true };
        Assert.Equal(exhausted, FactCatalogue.Deserialize("delivery.exhausted.v1", FactCatalogue.Serialize(exhausted)));
    }
}
