using Webhooks.Domain.Deliveries;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

public class ProbeTests
{
    [Fact]
    public void A_probe_that_succeeds_delivers() => Assert.Equal([Succeeded(1)], Probe.Decide(Delivery.Planned, Success(1)).Facts);

    [Fact]
    public void A_probe_that_fails_is_recorded_and_parked_again()
    {
        var decision = Probe.Decide(Delivery.Planned, Failure(1));
        Assert.Equal([Failed(1, null) with { SpentNoAttempt = true }, new DeliveryDeferred(DeferredReason.WebhookPaused)], decision.Facts);
        Assert.Equal(DeliveryStatus.Parked, decision.Facts.Aggregate(Delivery.Planned, (s, f) => Delivery.Evolve(s, (DeliveryFact)f)).Status);
    }

    [Fact]
    public void Failed_probes_exhaust_nothing()
    {
        var state = Delivery.Planned;
        for (var number = 1; number <= 50; number++)
        {
            state = Probe.Decide(state, Failure(number, maxAttempts: 3)).Facts.Aggregate(state, (s, f) => Delivery.Evolve(s, (DeliveryFact)f));
            Assert.Equal((DeliveryStatus.Parked, number, 0), (state.Status, state.Attempts, state.Failures));
        }
    }

    [Theory]
    [InlineData("abort-message", typeof(DeliveryExhausted))]
    [InlineData("disable", typeof(DeliveryDeferred))]
    public void A_receiver_that_has_the_last_word_has_it(string wish, Type second)
    {
        var answer = Attempt(1, FailureClass.Status) with { ResponseHeaders = new Header[] { new(ReceiverReply.Header, wish) } };
        var decision = Probe.Decide(Delivery.Planned, Failure(1) with { Attempt = answer });
        Assert.Equal(Delivery.Decide(Delivery.Planned, Failure(1) with { Attempt = answer }).Facts, decision.Facts);
        Assert.IsType(second, decision.Facts[1]);
    }

    [Fact]
    public void A_probe_recorded_before_is_dropped() =>
        Assert.Empty(Probe.Decide(Delivery.Evolve(Delivery.Planned, Failed(1, null)), Failure(1)).Facts);

    [Theory]
    [InlineData(ExhaustedReason.ParkedTooLong)]
    [InlineData(ExhaustedReason.ParkingFull)]
    public void Only_what_is_parked_can_be_parked_too_long(ExhaustedReason reason)
    {
        GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookPaused)).When(new EndParking(reason)).Then(new DeliveryExhausted { Reason = reason });
        GivenDelivery().When(new EndParking(reason)).ThenNothing();
        GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookPaused), Succeeded(1)).When(new EndParking(reason)).ThenNothing();
    }

    [Fact]
    public void What_was_parked_too_long_can_be_sent_again() =>
        GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookPaused), new DeliveryExhausted { Reason = ExhaustedReason.ParkedTooLong }).When(Resend()).Then(new ResendRequested(Now));

    [Fact]
    public void Of_a_delivery_that_is_over_it_is_recorded_and_not_continued() =>
        Assert.Equal([Failed(1, null)], Probe.Decide(Delivery.Evolve(Delivery.Planned, new DeliveryCancelled(CancelledReason.WebhookDeleted)), Failure(1)).Facts);
}
