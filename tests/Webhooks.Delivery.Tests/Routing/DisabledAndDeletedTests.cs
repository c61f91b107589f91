using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Tests.Routing;

/// <summary>What becomes of deliveries whose webhook is disabled, enabled or deleted.</summary>
public sealed class DisabledAndDeletedTests(Installation installation) : OneNode(installation)
{
    [Fact]
    public async Task A_disabled_webhook_parks_its_deliveries_and_enabling_sends_them()
    {
        var company = NewCompany();
        var webhook = await Installation.Register(Receiver.Url, company: company);
        await Installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), company);
        var first = await Accepted(company: company);
        var second = await Accepted(company: company);
        await HasFacts(first.Deliveries[0], typeof(DeliveryDeferred));
        await HasFacts(second.Deliveries[0], typeof(DeliveryDeferred));
        Assert.Empty(Receiver.Requests);

        await Installation.Change(webhook, new EnableWebhook(), company);
        await HasFacts(first.Deliveries[0], typeof(DeliveryDeferred), typeof(AttemptSucceeded));
        await HasFacts(second.Deliveries[0], typeof(DeliveryDeferred), typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task A_webhook_that_is_off_matches_nothing_and_gets_what_comes_after_it_is_enabled()
    {
        var company = NewCompany();
        var webhook = await Installation.Register(Receiver.Url, company: company);
        await Installation.Register(Receiver.Url, c => c with { EventTypes = new[] { "order.*" } }, company);
        await Installation.Change(webhook, new DisableWebhook(DisabledReason.Off), company);
        Assert.Equal(1, (await Accepted(company: company)).MatchedWebhooks);

        await Installation.Change(webhook, new EnableWebhook(), company);
        var both = await Accepted(company: company);
        Assert.Equal(2, both.MatchedWebhooks);
        await Receiver.HasReceived(3);
        Assert.Equal(2, Receiver.Requests.Count(r => r.Id == both.Message.ToString()));
    }

    [Fact]
    public async Task Disabling_parks_what_waits_for_a_retry_too()
    {
        var company = NewCompany();
        var webhook = await Installation.Register(Receiver.Url, c => c with { RetryPolicy = new FixedRetry(3_600_000) }, company);
        Receiver.Answer = _ => Task.FromResult(500);
        var accepted = await Accepted(company: company);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed));
        await Installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), company);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed), typeof(DeliveryDeferred));
    }

    [Fact]
    public async Task Deleting_a_webhook_cancels_what_waits()
    {
        var company = NewCompany();
        var webhook = await Installation.Register(Receiver.Url, c => c with { RetryPolicy = new FixedRetry(3_600_000) }, company);
        Receiver.Answer = _ => Task.FromResult(500);
        var accepted = await Accepted(company: company);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed));
        await Installation.Change(webhook, new DeleteWebhook(), company);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed), typeof(DeliveryCancelled));
        Assert.False(await IsQueued(accepted.Deliveries[0]));
        Assert.Single(Receiver.Requests);
    }

    [Fact]
    public async Task An_attempt_under_way_when_its_webhook_is_deleted_is_recorded()
    {
        var company = NewCompany();
        var webhook = await Installation.Register(Receiver.Url, company: company);
        var answer = new TaskCompletionSource<int>();
        Receiver.Answer = _ => answer.Task;
        var accepted = await Accepted(company: company);
        await Receiver.HasReceived(1);
        await Installation.Change(webhook, new DeleteWebhook(), company);
        answer.SetResult(200);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptSucceeded));
    }
}
