using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

public class ResendTests
{
    private static readonly DateTimeOffset InAMinute = Now.AddMinutes(1);

    [Fact]
    public void An_exhausted_delivery_starts_a_new_series_with_a_full_budget()
    {
        var exhausted = GivenDelivery().After(Failure(1), Failure(2), Failure(3));
        exhausted.When(Resend()).Then(new ResendRequested(Now));

        var resent = exhausted.After(Resend());
        Assert.Equal(new Delivery(DeliveryStatus.Pending, 3, 0, Now) { Series = new Series { ResentAt = Now } }, resent.State);
        resent.When(Failure(4)).Then(Failed(4, InAMinute));
        resent.After(Failure(4), Failure(5)).When(Failure(6)).Then(Failed(6, null), new DeliveryExhausted());
    }

    [Fact]
    public void A_delivered_message_can_be_sent_again()
    {
        GivenDelivery(Succeeded(1)).When(Resend()).Then(new ResendRequested(Now));
        Assert.Equal(new Delivery(DeliveryStatus.Pending, 1, 0, Now) { Series = new Series { ResentAt = Now } }, GivenDelivery(Succeeded(1)).After(Resend()).State);
    }

    [Fact]
    public void A_stray_failure_after_the_success_does_not_shorten_the_next_series() =>
        GivenDelivery(Succeeded(1)).After(Failure(2), Resend()).When(Failure(3, maxAttempts: 2)).Then(Failed(3, InAMinute));

    [Fact]
    public void Hurrying_a_waiting_retry_keeps_the_budget()
    {
        var hurried = GivenDelivery(Failed(1, InAMinute), Failed(2, InAMinute)).After(Resend());
        Assert.Equal(new Delivery(DeliveryStatus.Pending, 2, 2, Now), hurried.State);
        hurried.When(Failure(3)).Then(Failed(3, null), new DeliveryExhausted());
    }

    [Fact]
    public void A_delivery_that_is_on_its_way_is_not_asked_for_again()
    {
        GivenDelivery().When(Resend()).ThenNothing();
        GivenDelivery(Failed(1, Now)).When(Resend()).ThenNothing();
        GivenDelivery(Failed(1, InAMinute)).When(Resend(at: InAMinute)).ThenNothing();
        GivenDelivery(Succeeded(1)).After(Resend()).When(Resend(at: InAMinute)).ThenNothing();
    }

    [Fact]
    public void A_parked_delivery_goes_out_and_keeps_its_budget()
    {
        var parked = GivenDelivery(Failed(1, InAMinute), new DeliveryDeferred(DeferredReason.WebhookDisabled));
        parked.When(Resend()).Then(new ResendRequested(Now));
        Assert.Equal(new Delivery(DeliveryStatus.Pending, 1, 1, Now), parked.After(Resend()).State);
    }

    [Fact]
    public void A_cancelled_delivery_is_over_for_good()
    {
        GivenDelivery(new DeliveryCancelled(CancelledReason.PayloadErased)).When(Resend()).ThenRefused("delivery.cancelled");
        GivenDelivery(new DeliveryCancelled(CancelledReason.WebhookDeleted)).When(Resend()).ThenRefused("delivery.cancelled");
    }

    [Theory]
    [InlineData(WebhookStatus.Deleted, "delivery.webhook_deleted")]
    [InlineData(WebhookStatus.Unknown, "delivery.webhook_deleted")]
    [InlineData(WebhookStatus.Disabled, "delivery.webhook_disabled")]
    public void Nothing_is_resent_to_a_webhook_that_takes_nothing(WebhookStatus webhook, string code)
    {
        GivenDelivery(Failed(1, null), new DeliveryExhausted()).When(Resend(webhook)).ThenRefused(code);
        GivenDelivery(Failed(1, InAMinute)).When(Resend(webhook)).ThenRefused(code);
        GivenDelivery(Succeeded(1)).When(Resend(webhook)).ThenRefused(code);
        GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookDisabled)).When(Resend(webhook)).ThenRefused(code);
    }
}
