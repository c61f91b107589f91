using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Deliveries;

/// <summary>What becomes of a delivery whose receiver asks for something.</summary>
public class ReceiverWishesTests
{
    private static readonly DeliveryDeferred Parked = new(DeferredReason.WebhookDisabled);

    [Theory]
    [InlineData(429, "30", 60_000, null)]
    [InlineData(429, "60", 60_000, null)]
    [InlineData(429, "61", 61_000, 61_000L)]
    [InlineData(503, "3600", 3_600_000, 3_600_000L)]
    [InlineData(503, "315360000", 86_400_000, 86_400_000L)]
    [InlineData(503, "-5", 60_000, null)]
    [InlineData(503, "garbage", 60_000, null)]
    [InlineData(500, "3600", 60_000, null)]
    public void Retry_after_makes_a_wait_longer_and_never_shorter(int status, string value, int waitMs, long? honoured)
    {
        var failed = Assert.IsType<AttemptFailed>(GivenDelivery().When(Record(Answered(1, status, new Header("Retry-After", value)))).Decision.Facts.Single());
        Assert.Equal((Now.AddMilliseconds(waitMs), honoured, status == 429), (failed.NextAttemptAt, failed.RetryAfterMs, failed.SpentNoAttempt));
    }

    [Fact]
    public void Whatever_the_receiver_says_no_attempt_is_early_or_later_than_the_bounds()
    {
        var random = new Random(5);
        var policy = new ExponentialRetry(1_000, 2, 600_000, 0.5) { MaxAttempts = 50 };
        for (var sample = 0; sample < 10_000; sample++)
        {
            var failures = random.Next(0, 49);
            var state = new Delivery(DeliveryStatus.Pending, failures, failures, Now);
            var value = random.Next(3) switch { 0 => random.Next(-10, 100_000).ToString(), 1 => Now.AddSeconds(random.Next(-1_000_000, 1_000_000)).ToString("r"), _ => "?" };
            var command = Record(Answered(failures + 1, 503, new Header("Retry-After", value), new Header("Date", Now.ToString("r"))), policy, 50) with { Random = random.NextDouble() };
            var failed = Assert.IsType<AttemptFailed>(Delivery.Decide(state, command).Facts.Single());
            var wait = failed.NextAttemptAt!.Value - Now;
            Assert.InRange(wait, policy.DelayAfter(failures + 1, 0), ReceiverReply.MaxRetryAfter);
            Assert.Equal(failed.RetryAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : policy.DelayAfter(failures + 1, command.Random), wait);
        }
    }

    [Fact]
    public void A_wait_beyond_the_total_deadline_ends_the_delivery()
    {
        var attempt = Answered(1, 429, new Header("Retry-After", "20"));
        GivenDelivery().When(Record(attempt, new FixedRetry(1_000) { TotalDeadlineMs = 15_000 }))
            .Then(new AttemptFailed(attempt, null) { SpentNoAttempt = true }, new DeliveryExhausted { Reason = ExhaustedReason.Deadline });
    }

    [Fact]
    public void A_receiver_that_is_gone_parks_the_delivery_until_the_webhook_is_enabled()
    {
        GivenDelivery().When(Record(Answered(1, 410))).Then(new AttemptFailed(Answered(1, 410), null) { SpentNoAttempt = true }, Parked);
        var parked = GivenDelivery().After(Record(Answered(1, 410)));
        Assert.Equal(new Delivery(DeliveryStatus.Parked, 1, 0, null) { Series = new Series { Unspent = 1 } }, parked.State);
        parked.When(Resend(WebhookStatus.Disabled)).ThenRefused("delivery.webhook_disabled");
        parked.After(Resend()).When(Success(2)).Then(Succeeded(2));
    }

    [Fact]
    public void Gone_with_the_last_attempt_parks_too_so_that_nothing_is_lost_by_it() =>
        GivenDelivery().When(Record(Answered(1, 410), maxAttempts: 1)).Then(new AttemptFailed(Answered(1, 410), null) { SpentNoAttempt = true }, Parked);

    [Fact]
    public void A_receiver_that_wants_nothing_more_parks_what_failed_and_keeps_what_it_took()
    {
        var header = new Header("webhook-delivery", "disable");
        GivenDelivery().When(Record(Answered(1, 500, header))).Then(new AttemptFailed(Answered(1, 500, header), null) { SpentNoAttempt = true }, Parked);
        GivenDelivery().When(Record(Answered(1, 200, header))).Then(new AttemptSucceeded(Answered(1, 200, header)));
    }

    [Fact]
    public void A_message_that_the_receiver_declines_is_not_tried_again()
    {
        var header = new Header("webhook-delivery", "abort-message");
        GivenDelivery().When(Record(Answered(1, 503, header))).Then(new AttemptFailed(Answered(1, 503, header), null), new DeliveryExhausted { Reason = ExhaustedReason.Aborted });
        GivenDelivery().When(Record(Answered(1, 200, header))).Then(new AttemptSucceeded(Answered(1, 200, header)));
        GivenDelivery().After(Record(Answered(1, 503, header))).When(Resend()).Then(new ResendRequested(Now));
    }

    [Fact]
    public void A_delivery_that_was_over_before_stays_as_it_is()
    {
        var cancelled = GivenDelivery(new DeliveryCancelled(CancelledReason.WebhookDeleted));
        cancelled.When(Record(Answered(1, 410))).Then(new AttemptFailed(Answered(1, 410), null));
        Assert.Equal(DeliveryStatus.Cancelled, cancelled.After(Record(Answered(1, 410))).State.Status);
    }

    [Fact]
    public void An_answer_disables_only_the_webhook_that_still_goes_there()
    {
        var active = GivenWebhook(Created, SigningKey(1));
        active.When(new DisableWebhook(DisabledReason.Gone) { OfUrl = Configuration.Url }).Then(new WebhookDisabled(DisabledReason.Gone));
        active.When(new DisableWebhook(DisabledReason.Gone) { OfUrl = "https://old.example.com/" }).ThenNothing();
        active.After(new DisableWebhook(DisabledReason.Manual)).When(new DisableWebhook(DisabledReason.Gone) { OfUrl = Configuration.Url }).ThenNothing();
    }
}
