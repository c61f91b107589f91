using Webhooks.Domain.Deliveries;
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
        Assert.Equal([Failed(1, null), new DeliveryDeferred(DeferredReason.WebhookPaused)], decision.Facts);
        Assert.Equal(DeliveryStatus.Parked, decision.Facts.Aggregate(Delivery.Planned, (s, f) => Delivery.Evolve(s, (DeliveryFact)f)).Status);
    }

    [Fact]
    public void Failed_probes_exhaust_nothing()
    {
        var state = Delivery.Planned;
        for (var number = 1; number <= 50; number++)
        {
            state = Probe.Decide(state, Failure(number, maxAttempts: 3)).Facts.Aggregate(state, (s, f) => Delivery.Evolve(s, (DeliveryFact)f));
            Assert.Equal((DeliveryStatus.Parked, number), (state.Status, state.Attempts));
        }
    }

    [Fact]
    public void A_probe_recorded_before_is_dropped() =>
        Assert.Empty(Probe.Decide(Delivery.Evolve(Delivery.Planned, Failed(1, null)), Failure(1)).Facts);

    [Fact]
    public void Of_a_delivery_that_is_over_it_is_recorded_and_not_continued() =>
        Assert.Equal([Failed(1, null)], Probe.Decide(Delivery.Evolve(Delivery.Planned, new DeliveryCancelled(CancelledReason.WebhookDeleted)), Failure(1)).Facts);
}
