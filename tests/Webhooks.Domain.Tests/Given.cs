using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;

namespace Webhooks.Domain.Tests;

/// <summary>Rules as sentences: given what happened, when a command comes, then these facts follow or this refusal.</summary>
internal static class Rules
{
    public static Given<Company, CompanyCommand, CompanyFact> GivenCompany(params CompanyFact[] facts) =>
        new Given<Company, CompanyCommand, CompanyFact>(Company.Unknown, Company.Decide, Company.Evolve).And(facts);

    public static Given<Company, CompanyCommand, CompanyFact> GivenInstallation(params CompanyFact[] facts) =>
        new Given<Company, CompanyCommand, CompanyFact>(Company.Installation, Company.Decide, Company.Evolve).And(facts);

    public static Given<Webhook, WebhookCommand, WebhookFact> GivenWebhook(params WebhookFact[] facts) =>
        new Given<Webhook, WebhookCommand, WebhookFact>(Webhook.Unknown, Webhook.Decide, Webhook.Evolve).And(facts);

    public static Given<Message, MessageCommand, MessageFact> GivenMessage(params MessageFact[] facts) =>
        new Given<Message, MessageCommand, MessageFact>(Message.Unknown, Message.Decide, Message.Evolve).And(facts);

    public static Given<Delivery, DeliveryCommand, DeliveryFact> GivenDelivery(params DeliveryFact[] facts) =>
        new Given<Delivery, DeliveryCommand, DeliveryFact>(Delivery.Planned, Delivery.Decide, Delivery.Evolve).And(facts);

    public static Given<EventType, EventTypeCommand, EventTypeFact> GivenEventType(params EventTypeFact[] facts) =>
        new Given<EventType, EventTypeCommand, EventTypeFact>(EventType.Unknown, EventType.Decide, EventType.Evolve).And(facts);
}

internal sealed record Given<TState, TCommand, TFact>(TState State, Func<TState, TCommand, Decision> Decide, Func<TState, TFact, TState> Evolve)
    where TFact : Fact
{
    public Given<TState, TCommand, TFact> And(params IEnumerable<TFact> facts) => this with { State = facts.Aggregate(State, Evolve) };

    /// <summary>Given that these commands ran too, and none was refused.</summary>
    public Given<TState, TCommand, TFact> After(params IEnumerable<TCommand> commands) =>
        commands.Aggregate(this, (given, command) => given.When(command).Accepted());

    public Outcome<TState, TCommand, TFact> When(TCommand command) => new(this, Decide(State, command));
}

internal sealed record Outcome<TState, TCommand, TFact>(Given<TState, TCommand, TFact> Before, Decision Decision)
    where TFact : Fact
{
    public void Then(params Fact[] facts)
    {
        Assert.Null(Decision.Refusal);
        Assert.Equal(facts, Decision.Facts);
    }

    public void ThenNothing() => Then();

    public void ThenRefused(string code, RefusalKind kind = RefusalKind.Conflict)
    {
        Assert.NotNull(Decision.Refusal);
        Assert.Empty(Decision.Facts);
        Assert.Equal((code, kind), (Decision.Refusal.Code, Decision.Refusal.Kind));
        Assert.NotEmpty(Decision.Refusal.Detail);
        Assert.Null(Decision.Refusal.Field);
    }

    public void ThenInvalid(string field, string code)
    {
        Assert.NotNull(Decision.Refusal);
        Assert.Empty(Decision.Facts);
        Assert.Equal((RefusalKind.Invalid, field, code), (Decision.Refusal.Kind, Decision.Refusal.Field, Decision.Refusal.Code));
    }

    public Given<TState, TCommand, TFact> Accepted()
    {
        Assert.Null(Decision.Refusal);
        return Before.And(Decision.Facts.Cast<TFact>());
    }
}
