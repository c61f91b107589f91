using Webhooks.Domain.Deliveries;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

public class BlockingTests
{
    private static readonly DeliveryExhausted Blocks = new() { BlocksKey = true };

    [Fact]
    public void Where_the_webhook_blocks_an_exhausted_delivery_holds_back_its_key()
    {
        var outcome = GivenDelivery().When(Failure(1, maxAttempts: 1) with { BlocksKeyWhenExhausted = true });
        outcome.Then(Failed(1, null), Blocks);
        Assert.True(outcome.Accepted().State.BlocksKey);
    }

    [Fact]
    public void Asking_for_a_resend_takes_it_out_of_the_way() =>
        Assert.False(GivenDelivery(Failed(1, null), Blocks).After(Resend()).State.BlocksKey);

    [Fact]
    public void An_exhausted_delivery_can_be_skipped_and_holds_back_nothing_then()
    {
        var skipped = GivenDelivery(Failed(1, null), Blocks).When(new SkipDelivery());
        skipped.Then(new DeliveryCancelled(CancelledReason.Skipped));
        Assert.Equal((DeliveryStatus.Cancelled, false), (skipped.Accepted().State.Status, skipped.Accepted().State.BlocksKey));
    }

    [Fact]
    public void What_waits_or_is_parked_can_be_skipped_and_what_has_arrived_cannot()
    {
        GivenDelivery(Failed(1, Now)).When(new SkipDelivery()).Then(new DeliveryCancelled(CancelledReason.Skipped));
        GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookDisabled)).When(new SkipDelivery()).Then(new DeliveryCancelled(CancelledReason.Skipped));
        GivenDelivery(Succeeded(1)).When(new SkipDelivery()).ThenRefused("delivery.succeeded");
        GivenDelivery(new DeliveryCancelled(CancelledReason.WebhookDeleted)).When(new SkipDelivery()).ThenNothing();
    }

    [Fact]
    public void A_delivery_of_an_event_that_is_not_due_cannot_be_hurried()
    {
        GivenDelivery().When(Resend() with { DeliverAt = Now.AddTicks(1) }).ThenRefused("delivery.scheduled");
        GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookDisabled)).When(Resend() with { DeliverAt = Now }).Then(new ResendRequested(Now));
    }

    [Fact]
    public void It_is_planned_for_the_time_of_its_event()
    {
        Assert.Equal(Now, Delivery.PlannedFor(Now).NextAttemptAt);
        Assert.Equal(Delivery.Planned, Delivery.PlannedFor(null));
    }
}
