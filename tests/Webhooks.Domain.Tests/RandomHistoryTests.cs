using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests;

/// <summary>Commands in any order: what must hold after each of them, whatever came before.</summary>
public class RandomHistoryTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_company_keeps_its_name_and_at_most_100_active_keys(int seed) =>
        Explore(seed, GivenCompany(), NextCompanyCommand, (company, _) =>
        {
            Assert.Equal(company.Code is null, company.Name is null);
            Assert.InRange(company.Keys.Values.Count(k => !k.Revoked), 0, Company.MaxActiveKeys);
            Assert.DoesNotContain(company.Keys.Values, k => (k.Issued.Scopes & ~Company.CustomerScopes) != Scopes.None);
        });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_webhook_always_has_a_current_key_and_never_signs_with_more_than_10(int seed) =>
        Explore(seed, GivenWebhook(), NextWebhookCommand, (webhook, now) =>
        {
            Assert.Equal(webhook.Status is WebhookStatus.Unknown, !webhook.Keys.Any(k => k.ValidUntil is null));
            Assert.InRange(webhook.Keys.Length, 0, Webhook.MaxSigningKeys);
            Assert.Distinct(webhook.Keys.Select(k => k.Id));
            Assert.Distinct(webhook.Keys.Where(k => k.SignsAt(now)).Select(k => k.Secret));
            Assert.True(webhook.Status is WebhookStatus.Deleted || webhook.Status is WebhookStatus.Disabled == webhook.Health?.State is HealthState.Disabled);
        });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_delivery_is_due_only_while_it_is_pending_and_records_each_attempt_once(int seed)
    {
        var facts = Explore(seed, GivenDelivery(), NextDeliveryCommand, (delivery, _) =>
        {
            Assert.Equal(delivery.NextAttemptAt is not null, delivery.Status is DeliveryStatus.Pending && delivery != Delivery.Planned);
            Assert.True(delivery.Status is not DeliveryStatus.Pending || delivery.Failures < 3, $"{delivery} has spent its budget.");
        });
        Assert.Distinct(facts.Select(f => f switch { AttemptSucceeded s => s.Attempt.Number, AttemptFailed s => s.Attempt.Number, _ => -1 }).Where(n => n > 0));
        Assert.All(facts.Zip(facts.Skip(1)), pair => Assert.True(pair.Second is not DeliveryExhausted || pair.First is AttemptFailed { NextAttemptAt: null }));
    }

    private static List<TFact> Explore<TState, TCommand, TFact>(
        int seed, Given<TState, TCommand, TFact> given, Func<Random, DateTimeOffset, TState, TCommand> next, Action<TState, DateTimeOffset> holds)
        where TFact : Fact
    {
        var random = new Random(seed);
        var now = Now;
        List<TFact> facts = [];
        for (var step = 0; step < 400; step++)
        {
            now += TimeSpan.FromMinutes(random.Next(0, 40));
            var outcome = given.When(next(random, now, given.State));
            if (outcome.Decision.Refusal is null)
            {
                var read = outcome.Decision.Facts.Select(f => (TFact)FactCatalogue.Deserialize(FactCatalogue.NameOf(f), FactCatalogue.Serialize(f))).ToArray();
                Assert.Equal(outcome.Decision.Facts, read);
                facts.AddRange(read);
            }
            else
            {
                Assert.Empty(outcome.Decision.Facts);
            }

            given = outcome.Decision.Refusal is null ? outcome.Accepted() : given;
            holds(given.State, now);
        }

        Assert.NotEmpty(facts);
        return facts;
    }

    private static CompanyCommand NextCompanyCommand(Random random, DateTimeOffset now, Company state) => random.Next(20) switch
    {
        0 => new RegisterCompany("acme", random.Next(2) == 0 ? "Acme Ltd" : "Other"),
        < 14 => Issue(Key(random.Next(300), (Scopes)random.Next(17))),
        _ => new RevokeApiKey(Id<ApiKeyId>(random.Next(300))),
    };

    private static WebhookCommand NextWebhookCommand(Random random, DateTimeOffset now, Webhook state) => random.Next(60) switch
    {
        < 3 => Create,
        < 6 => new UpdateWebhook(Configuration with { MaxAttempts = random.Next(1, 4) }),
        < 9 => new EnableWebhook(),
        < 12 => new DisableWebhook((DisabledReason)random.Next(3)),
        12 when random.Next(10) == 0 => new DeleteWebhook(),
        < 16 => new ChangeHealth(random.Next(3) == 0 ? WebhookHealth.Healthy : state.Health ?? WebhookHealth.Healthy, random.Next(4) switch
        {
            0 => Degraded with { At = now },
            1 => Paused with { At = now },
            2 => Recovered with { At = now },
            _ => new WebhookDisabled(DisabledReason.Failing, now, now, 30),
        }),
        < 25 => AddKey(random.Next(40), now),
        < 30 => AddKey(random.Next(40), now) with { Secret = Secret(random.Next(40)) },
        < 45 => RotateTo(random.Next(40), TimeSpan.FromHours(random.Next(0, 20)), now),
        _ => Retire(random.Next(40), now),
    };

    private static DeliveryCommand NextDeliveryCommand(Random random, DateTimeOffset now, Delivery state) => random.Next(100) switch
    {
        < 57 => Failure(state.Attempts + random.Next(-1, 3), maxAttempts: 3, random: random.NextDouble()) with { Now = now },
        < 62 => Record(Answered(state.Attempts + random.Next(0, 3), random.Next(2) == 0 ? 429 : 410), maxAttempts: 3) with { Now = now },
        < 65 => Success(state.Attempts + random.Next(0, 3)),
        < 74 => new DeferDelivery(DeferredReason.WebhookDisabled),
        74 when random.Next(20) == 0 => new CancelDelivery(CancelledReason.WebhookDeleted),
        _ => Resend((WebhookStatus)random.Next(4), now),
    };
}
