using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Endpoints;

/// <summary>What a webhook's stream says of its health, and whose conclusions it takes.</summary>
public class WebhookHealthTests
{
    private static readonly WebhookFact[] Active = [Created, SigningKey(1)];
    private static readonly WebhookFact[] PausedOne = [.. Active, Degraded, Paused];
    private static readonly WebhookFact[] DisabledOne = [.. PausedOne, new WebhookDisabled(DisabledReason.Failing, Now.AddDays(5), Paused.FailingSince, 40)];

    private static WebhookHealth? HealthOf(params WebhookFact[] facts) => GivenWebhook(facts).State.Health;

    [Fact]
    public void A_new_webhook_is_healthy_and_nothing_is_stored_of_it() => Assert.Null(HealthOf(Active));

    [Fact]
    public void Every_step_is_told_with_its_time_and_what_it_was_judged_from()
    {
        Assert.Equal(new WebhookHealth(HealthState.Degraded, Degraded.At, Degraded.FailingSince, 5), HealthOf([.. Active, Degraded]));
        Assert.Equal(new WebhookHealth(HealthState.Paused, Paused.At, Paused.FailingSince, 20), HealthOf(PausedOne));
        Assert.Equal(new WebhookHealth(HealthState.Disabled, Now.AddDays(5), Paused.FailingSince, 40), HealthOf(DisabledOne));
        Assert.Equal(new WebhookHealth(HealthState.Healthy, Recovered.At), HealthOf([.. PausedOne, Recovered]));
    }

    [Fact]
    public void Of_two_nodes_that_conclude_the_same_one_has_its_way()
    {
        var one = GivenWebhook(Active).When(new ChangeHealth(WebhookHealth.Healthy, Degraded));
        one.Then(Degraded);
        one.Accepted().When(new ChangeHealth(WebhookHealth.Healthy, Degraded with { At = Now.AddSeconds(1) })).ThenNothing();
    }

    [Fact]
    public void A_conclusion_from_before_the_last_change_comes_too_late()
    {
        var before = HealthOf(PausedOne)!;
        GivenWebhook(PausedOne).When(new ChangeHealth(before, Recovered)).Then(Recovered);
        GivenWebhook([.. PausedOne, Recovered]).When(new ChangeHealth(before, Recovered)).ThenNothing();
        GivenWebhook([.. PausedOne, Recovered, Degraded, Paused with { At = Now.AddHours(1) }]).When(new ChangeHealth(before, Recovered)).ThenNothing();
    }

    [Fact]
    public void Whoever_is_disabled_or_deleted_changes_no_more()
    {
        GivenWebhook(DisabledOne).When(new ChangeHealth(HealthOf(DisabledOne)!, Recovered)).ThenNothing();
        GivenWebhook([.. Active, new WebhookDeleted()]).When(new ChangeHealth(WebhookHealth.Healthy, Degraded)).ThenRefused("webhook.not_found", RefusalKind.NotFound);
    }

    [Fact]
    public void Failing_long_enough_disables_with_the_reason()
    {
        var state = GivenWebhook(DisabledOne).State;
        Assert.Equal((WebhookStatus.Disabled, DisabledReason.Failing), (state.Status, state.DisabledReason));
    }

    [Fact]
    public void Enabling_by_hand_starts_afresh() => Assert.Null(HealthOf([.. DisabledOne, new WebhookEnabled()]));

    [Fact]
    public void A_change_of_its_configuration_leaves_the_health() =>
        Assert.Equal(HealthOf(PausedOne), HealthOf([.. PausedOne, new WebhookUpdated(Configuration with { Url = "https://example.com/mended" })]));

    [Fact]
    public void A_paused_webhook_can_be_disabled_by_hand()
    {
        GivenWebhook(PausedOne).When(new DisableWebhook(DisabledReason.Manual) { Now = Now }).Then(new WebhookDisabled(DisabledReason.Manual, Now));
        Assert.Equal(new WebhookHealth(HealthState.Disabled, Now), HealthOf([.. PausedOne, new WebhookDisabled(DisabledReason.Manual, Now)]));
    }
}
