using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Endpoints;

public class WebhookTests
{
    private static readonly WebhookConfiguration Other = Configuration with { Url = "https://example.org/" };
    private static readonly WebhookFact[] Active = [Created, SigningKey(1)];
    private static readonly WebhookFact[] Disabled = [.. Active, new WebhookDisabled(DisabledReason.Manual)];
    private static readonly WebhookFact[] Deleted = [.. Active, new WebhookDeleted()];

    [Fact]
    public void A_webhook_is_created_with_its_first_signing_key() =>
        GivenWebhook().When(Create).Then(Created, SigningKey(1));

    [Fact]
    public void A_created_webhook_is_active() =>
        Assert.Equal((WebhookStatus.Active, Id<CompanyId>(1), Configuration), Described(GivenWebhook(Active).State));

    [Fact]
    public void Creating_again_the_same_adds_nothing()
    {
        GivenWebhook(Active).When(Create).ThenNothing();
        GivenWebhook(Disabled).When(Create).ThenNothing();
    }

    [Fact]
    public void Creating_again_with_something_else_is_a_conflict()
    {
        GivenWebhook(Active).When(Create with { Configuration = Other }).ThenRefused("webhook.exists");
        GivenWebhook(Active).When(Create with { Company = Id<CompanyId>(2) }).ThenRefused("webhook.exists");
    }

    [Fact]
    public void A_deleted_webhook_is_not_created_again() => GivenWebhook(Deleted).When(Create).ThenRefused("webhook.exists");

    [Fact]
    public void An_update_records_the_whole_configuration() =>
        GivenWebhook(Active).When(new UpdateWebhook(Other)).Then(new WebhookUpdated(Other));

    [Fact]
    public void An_update_that_changes_nothing_adds_nothing() =>
        GivenWebhook(Active).When(new UpdateWebhook(Configuration with { EventTypes = Configuration.EventTypes.ToArray() })).ThenNothing();

    [Fact]
    public void A_disabled_webhook_can_be_updated_and_stays_disabled() =>
        Assert.Equal((WebhookStatus.Disabled, Id<CompanyId>(1), Other), Described(GivenWebhook(Disabled).After(new UpdateWebhook(Other)).State));

    [Theory]
    [InlineData(DisabledReason.Manual)]
    [InlineData(DisabledReason.Failing)]
    [InlineData(DisabledReason.Gone)]
    [InlineData(DisabledReason.Off)]
    public void Disabling_says_why(DisabledReason reason)
    {
        GivenWebhook(Active).When(new DisableWebhook(reason)).Then(new WebhookDisabled(reason));
        Assert.Equal(reason, GivenWebhook(Active).After(new DisableWebhook(reason)).State.DisabledReason);
    }

    [Fact]
    public void Disabling_twice_records_one_fact() =>
        GivenWebhook(Disabled).When(new DisableWebhook(DisabledReason.Failing)).ThenNothing();

    [Fact]
    public void Enabling_an_active_webhook_adds_nothing() => GivenWebhook(Active).When(new EnableWebhook()).ThenNothing();

    [Fact]
    public void Enabling_forgets_why_it_was_disabled()
    {
        GivenWebhook(Disabled).When(new EnableWebhook()).Then(new WebhookEnabled());
        var enabled = GivenWebhook(Disabled).After(new EnableWebhook()).State;
        Assert.Equal((WebhookStatus.Active, null), (enabled.Status, enabled.DisabledReason));
    }

    [Fact]
    public void Deleting_is_possible_whether_active_or_disabled_and_happens_once()
    {
        GivenWebhook(Active).When(new DeleteWebhook()).Then(new WebhookDeleted());
        GivenWebhook(Disabled).When(new DeleteWebhook()).Then(new WebhookDeleted());
        GivenWebhook(Deleted).When(new DeleteWebhook()).ThenNothing();
    }

    public static TheoryData<string> CommandsOnAnExistingWebhook => [.. OnExisting.Keys];

    [Theory]
    [MemberData(nameof(CommandsOnAnExistingWebhook))]
    public void A_webhook_that_is_not_there_is_not_found(string command) =>
        GivenWebhook().When(OnExisting[command]).ThenRefused("webhook.not_found", RefusalKind.NotFound);

    [Theory]
    [MemberData(nameof(CommandsOnAnExistingWebhook))]
    public void A_deleted_webhook_is_as_good_as_not_there(string command)
    {
        var outcome = GivenWebhook(Deleted).When(OnExisting[command]);
        if (command == nameof(DeleteWebhook))
        {
            outcome.ThenNothing();
        }
        else
        {
            outcome.ThenRefused("webhook.not_found", RefusalKind.NotFound);
        }
    }

    private static readonly Dictionary<string, WebhookCommand> OnExisting = new WebhookCommand[]
    {
        new UpdateWebhook(Other), new EnableWebhook(), new DisableWebhook(DisabledReason.Manual), new DeleteWebhook(),
        AddKey(2), RotateTo(2, TimeSpan.Zero), Retire(1),
    }.ToDictionary(c => c.GetType().Name);

    private static (WebhookStatus, CompanyId, WebhookConfiguration?) Described(Webhook w) => (w.Status, w.Company, w.Configuration);
}
