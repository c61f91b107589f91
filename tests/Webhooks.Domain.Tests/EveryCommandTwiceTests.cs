using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests;

public class EveryCommandTwiceTests
{
    private static readonly CompanyRegistered Acme = new("acme", "Acme Ltd");

    private static readonly Dictionary<Type, Action> Cases = new()
    {
        [typeof(RegisterCompany)] = () => Twice(GivenCompany(), new RegisterCompany("acme", "Acme Ltd")),
        [typeof(IssueApiKey)] = () => Twice(GivenCompany(Acme), Issue(Key(1))),
        [typeof(RevokeApiKey)] = () => Twice(GivenCompany(Acme, Key(1)), new RevokeApiKey(Id<ApiKeyId>(1))),
        [typeof(ChangeCompanySettings)] = () => Twice(GivenCompany(Acme), new ChangeCompanySettings(new CompanySettings { DefaultRetryPolicy = EveryMinute })),
        [typeof(CreateWebhook)] = () => Twice(GivenWebhook(), Create),
        [typeof(UpdateWebhook)] = () => Twice(GivenWebhook(Created, SigningKey(1)), new UpdateWebhook(Configuration with { Label = "other" })),
        [typeof(EnableWebhook)] = () => Twice(GivenWebhook(Created, SigningKey(1), new WebhookDisabled(DisabledReason.Failing)), new EnableWebhook()),
        [typeof(DisableWebhook)] = () => Twice(GivenWebhook(Created, SigningKey(1)), new DisableWebhook(DisabledReason.Gone)),
        [typeof(ChangeHealth)] = () => Twice(GivenWebhook(Created, SigningKey(1)), new ChangeHealth(WebhookHealth.Healthy, Degraded)),
        [typeof(DeleteWebhook)] = () => Twice(GivenWebhook(Created, SigningKey(1)), new DeleteWebhook()),
        [typeof(AddSigningKey)] = () => Twice(GivenWebhook(Created, SigningKey(1)), AddKey(2)),
        [typeof(RotateSigningKey)] = () => Twice(GivenWebhook(Created, SigningKey(1)), RotateTo(2, TimeSpan.FromHours(1))),
        [typeof(RetireSigningKey)] = () => Twice(GivenWebhook(Created, SigningKey(1), SigningKey(2)), Retire(1), second: "signing_key.not_found"),
        [typeof(EmitEvent)] = () => Twice(GivenMessage(), Emit(1500)),
        [typeof(CancelEvent)] = () => Twice(GivenMessage().After(Emit(2) with { DeliverAt = Now.AddDays(1) }), new CancelEvent(Now)),
        [typeof(RecordAttempt)] = () => Twice(GivenDelivery(), Failure(1, maxAttempts: 1)),
        [typeof(GiveUpDelivery)] = () => Twice(GivenDelivery(), new GiveUpDelivery(EveryMinute with { MaxAgeMs = 1_000 }, Now.AddSeconds(-2), Now)),
        [typeof(DeferDelivery)] = () => Twice(GivenDelivery(), new DeferDelivery(DeferredReason.WebhookDisabled)),
        [typeof(EndParking)] = () => Twice(GivenDelivery(new DeliveryDeferred(DeferredReason.WebhookPaused)), new EndParking(ExhaustedReason.ParkedTooLong)),
        [typeof(CancelDelivery)] = () => Twice(GivenDelivery(), new CancelDelivery(CancelledReason.WebhookDeleted)),
        [typeof(SkipDelivery)] = () => Twice(GivenDelivery(), new SkipDelivery()),
        [typeof(RetryDelivery)] = () => Twice(GivenDelivery(Failed(1, Now.AddMinutes(1))), Resend()),
        [typeof(DefineEventType)] = () => Twice(GivenEventType(), DefinePaid),
        [typeof(ChangeEventType)] = () => Twice(GivenEventType().After(DefinePaid), new ChangeEventType(PaidOrder with { Description = "other" })),
        [typeof(DeprecateEventType)] = () => Twice(GivenEventType().After(DefinePaid), new DeprecateEventType("note", null)),
        [typeof(ReinstateEventType)] = () => Twice(GivenEventType().After(DefinePaid, new DeprecateEventType(null, null)), new ReinstateEventType()),
        [typeof(DeleteEventType)] = () => Twice(GivenEventType().After(DefinePaid), new DeleteEventType()),
    };

    public static TheoryData<string> EveryCommand =>
        [.. typeof(Fact).Assembly.GetTypes().Where(t => !t.IsAbstract && Commands.Any(t.IsSubclassOf)).Select(t => t.Name).Order()];

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public void The_second_time_adds_nothing(string command) => Cases.Single(c => c.Key.Name == command).Value();

    private static readonly Type[] Commands = [typeof(CompanyCommand), typeof(WebhookCommand), typeof(MessageCommand), typeof(DeliveryCommand), typeof(EventTypeCommand)];

    private static void Twice<TState, TCommand, TFact>(Given<TState, TCommand, TFact> given, TCommand command, string? second = null)
        where TFact : Fact
    {
        var once = given.When(command);
        Assert.NotEmpty(once.Decision.Facts);
        var twice = once.Accepted().When(command);
        Assert.Empty(twice.Decision.Facts);
        Assert.Equal(second, twice.Decision.Refusal?.Code);
    }
}
