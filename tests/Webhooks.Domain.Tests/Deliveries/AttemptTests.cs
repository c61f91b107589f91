using Webhooks.Domain.Deliveries;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

public class AttemptTests
{
    private static readonly DateTimeOffset InAMinute = Now.AddMinutes(1);

    [Fact]
    public void A_success_ends_the_delivery()
    {
        GivenDelivery().When(Success(1)).Then(Succeeded(1));
        Assert.Equal(new Delivery(DeliveryStatus.Succeeded, 1, 0, null), GivenDelivery(Succeeded(1)).State);
    }

    [Fact]
    public void A_failure_is_followed_by_an_attempt_after_the_policys_delay()
    {
        GivenDelivery().When(Failure(1)).Then(Failed(1, InAMinute));
        Assert.Equal(new Delivery(DeliveryStatus.Pending, 1, 1, InAMinute), GivenDelivery(Failed(1, InAMinute)).State);
    }

    [Fact]
    public void Each_failure_takes_the_next_step_of_the_schedule()
    {
        var schedule = new ScheduleRetry(new long[] { 1_000, 10_000 });
        GivenDelivery().When(Failure(1, policy: schedule)).Then(Failed(1, Now.AddSeconds(1)));
        GivenDelivery(Failed(1, Now)).When(Failure(2, policy: schedule)).Then(Failed(2, Now.AddSeconds(10)));
    }

    [Fact]
    public void The_jitter_is_the_commands() =>
        GivenDelivery().When(Failure(1, policy: new ExponentialRetry(1_000, 2, 60_000, 0.5), random: 0.5)).Then(Failed(1, Now.AddMilliseconds(1_250)));

    [Fact]
    public void The_last_allowed_failure_exhausts_the_delivery()
    {
        var twice = GivenDelivery(Failed(1, InAMinute), Failed(2, InAMinute));
        twice.When(Failure(3)).Then(Failed(3, null), new DeliveryExhausted());
        Assert.Equal(new Delivery(DeliveryStatus.Exhausted, 3, 3, null), twice.After(Failure(3)).State);
    }

    [Fact]
    public void One_allowed_attempt_means_no_retry() =>
        GivenDelivery().When(Failure(1, maxAttempts: 1)).Then(Failed(1, null), new DeliveryExhausted());

    [Fact]
    public void A_limit_lowered_meanwhile_exhausts_with_the_next_failure() =>
        GivenDelivery(Failed(1, InAMinute), Failed(2, InAMinute)).When(Failure(3, maxAttempts: 2)).Then(Failed(3, null), new DeliveryExhausted());

    [Fact]
    public void The_last_allowed_attempt_may_succeed() =>
        GivenDelivery(Failed(1, InAMinute), Failed(2, InAMinute)).When(Success(3)).Then(Succeeded(3));

    [Fact]
    public void An_attempt_number_that_is_recorded_already_adds_nothing()
    {
        GivenDelivery(Failed(1, InAMinute)).When(Failure(1)).ThenNothing();
        GivenDelivery(Failed(1, InAMinute)).When(Success(1)).ThenNothing();
        GivenDelivery(Failed(1, InAMinute), Succeeded(2)).When(Failure(1)).ThenNothing();
        GivenDelivery(Succeeded(1)).When(Failure(1)).ThenNothing();
    }

    [Theory]
    [InlineData(CancelledReason.WebhookDeleted)]
    [InlineData(CancelledReason.PayloadErased)]
    public void A_failure_that_ends_after_the_cancellation_is_recorded_and_not_continued(CancelledReason reason)
    {
        var cancelled = GivenDelivery(Failed(1, InAMinute), new DeliveryCancelled(reason));
        cancelled.When(Failure(2)).Then(Failed(2, null));
        Assert.Equal((DeliveryStatus.Cancelled, 2, null), Described(cancelled.After(Failure(2)).State));
    }

    [Fact]
    public void A_success_that_ends_after_the_cancellation_counts()
    {
        var cancelled = GivenDelivery(new DeliveryCancelled(CancelledReason.WebhookDeleted));
        cancelled.When(Success(1)).Then(Succeeded(1));
        Assert.Equal((DeliveryStatus.Succeeded, 1, null), Described(cancelled.After(Success(1)).State));
    }

    [Fact]
    public void A_failure_after_the_success_of_another_attempt_is_recorded_and_not_continued()
    {
        GivenDelivery(Succeeded(1)).When(Failure(2)).Then(Failed(2, null));
        Assert.Equal((DeliveryStatus.Succeeded, 2, null), Described(GivenDelivery(Succeeded(1)).After(Failure(2)).State));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public void A_failure_after_exhaustion_is_recorded_and_not_continued_whatever_the_limit_is_now(int maxAttempts)
    {
        var exhausted = GivenDelivery(Failed(1, null), new DeliveryExhausted());
        exhausted.When(Failure(2, maxAttempts)).Then(Failed(2, null));
        Assert.Equal((DeliveryStatus.Exhausted, 2, null), Described(exhausted.After(Failure(2, maxAttempts)).State));
    }

    [Fact]
    public void A_delivery_is_parked_without_spending_an_attempt()
    {
        var waiting = GivenDelivery(Failed(1, InAMinute));
        var defer = new DeferDelivery(DeferredReason.WebhookDisabled);
        waiting.When(defer).Then(new DeliveryDeferred(DeferredReason.WebhookDisabled));
        Assert.Equal(new Delivery(DeliveryStatus.Parked, 1, 1, null), waiting.After(defer).State);
    }

    [Fact]
    public void Only_a_pending_delivery_is_parked()
    {
        var defer = new DeferDelivery(DeferredReason.WebhookDisabled);
        GivenDelivery().After(defer).When(defer).ThenNothing();
        GivenDelivery(Succeeded(1)).When(defer).ThenNothing();
        GivenDelivery(Failed(1, null), new DeliveryExhausted()).When(defer).ThenNothing();
        GivenDelivery(new DeliveryCancelled(CancelledReason.PayloadErased)).When(defer).ThenNothing();
    }

    [Fact]
    public void An_attempt_under_way_while_the_delivery_was_parked_takes_it_back_to_its_schedule()
    {
        var parked = GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookDisabled));
        parked.When(Failure(1)).Then(Failed(1, InAMinute));
        Assert.Equal(new Delivery(DeliveryStatus.Pending, 1, 1, InAMinute), parked.After(Failure(1)).State);
        Assert.Equal((DeliveryStatus.Succeeded, 1, null), Described(parked.After(Success(1)).State));
        parked.When(Failure(1, maxAttempts: 1)).Then(Failed(1, null), new DeliveryExhausted());
    }

    [Fact]
    public void Waiting_and_parked_deliveries_can_be_cancelled_and_finished_ones_stay()
    {
        var cancel = new CancelDelivery(CancelledReason.WebhookDeleted);
        var cancelled = new DeliveryCancelled(CancelledReason.WebhookDeleted);
        GivenDelivery(Failed(1, InAMinute)).When(cancel).Then(cancelled);
        GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookDisabled)).When(cancel).Then(cancelled);
        GivenDelivery(cancelled).When(cancel).ThenNothing();
        GivenDelivery(Succeeded(1)).When(cancel).ThenNothing();
        GivenDelivery(Failed(1, null), new DeliveryExhausted()).When(cancel).ThenNothing();
        Assert.Equal((DeliveryStatus.Cancelled, 1, null), Described(GivenDelivery(Failed(1, InAMinute), cancelled).State));
    }

    private static (DeliveryStatus, int, DateTimeOffset?) Described(Delivery d) => (d.Status, d.Attempts, d.NextAttemptAt);
}
