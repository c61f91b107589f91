using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Rules;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Endpoints;

public class KeyKindTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly WebhookConfiguration Both = Configuration with
    {
        Signatures = new SignatureSettings[] { new(SignatureScheme.Standard), new(SignatureScheme.StandardEd25519) },
    };

    private static Given<Webhook, WebhookCommand, WebhookFact> WithBoth => GivenWebhook(new WebhookCreated(Id<CompanyId>(1), Both), SigningKey(1), Pair(2));

    [Fact]
    public void A_webhook_is_made_with_a_key_of_each_kind_that_signs_for_it()
    {
        var create = Create with { Configuration = Both };
        GivenWebhook().When(create).ThenInvalid("signature_scheme", "webhook.no_signing_key");
        GivenWebhook().When(create with { FurtherKeys = new[] { Pair(2) } }).Then(new WebhookCreated(Id<CompanyId>(1), Both), SigningKey(1), Pair(2));
    }

    [Fact]
    public void A_scheme_waits_for_a_key_of_its_kind()
    {
        var webhook = GivenWebhook(Created, SigningKey(1));
        webhook.When(new UpdateWebhook(Both)).ThenInvalid("signature_scheme", "webhook.no_signing_key");
        webhook.After(AddPair(2)).When(new UpdateWebhook(Both)).Then(new WebhookUpdated(Both));
    }

    [Fact]
    public void A_rotation_ends_keys_of_its_own_kind_alone()
    {
        var keys = WithBoth.After(RotateTo(3, Hour)).State.Keys;
        Assert.Equal([(3, false), (2, false), (1, true)], keys.Select(k => (k.Id == Id<SigningKeyId>(3) ? 3 : k.Id == Id<SigningKeyId>(2) ? 2 : 1, k.ValidUntil is not null)));
    }

    [Fact]
    public void The_last_key_of_a_kind_stays_as_long_as_a_signature_needs_it()
    {
        WithBoth.When(Retire(1)).ThenRefused("webhook.last_signing_key");
        WithBoth.When(Retire(2)).ThenRefused("webhook.last_signing_key");
        WithBoth.After(new UpdateWebhook(Configuration)).When(Retire(2)).Then(new SigningKeyRetired(Id<SigningKeyId>(2)));
    }

    [Fact]
    public void The_last_key_for_a_scheme_stays_as_long_as_it_signs()
    {
        var configuration = Configuration with { Signatures = new SignatureSettings[] { new(SignatureScheme.GitHub), new(SignatureScheme.Standard) } };
        var webhook = GivenWebhook(new WebhookCreated(Id<CompanyId>(1), configuration), SigningKey(1), SigningKey(2) with { Schemes = new[] { SignatureScheme.GitHub } });
        webhook.When(Retire(1)).ThenRefused("webhook.last_signing_key");
        webhook.When(Retire(2)).Then(new SigningKeyRetired(Id<SigningKeyId>(2)));
        webhook.After(AddKey(3) with { Schemes = new[] { SignatureScheme.Standard } }).When(Retire(1)).Then(new SigningKeyRetired(Id<SigningKeyId>(1)));
    }

    [Fact]
    public void A_rotation_for_some_schemes_ends_the_keys_that_were_for_no_others()
    {
        SignatureScheme[] gitHub = [SignatureScheme.GitHub], two = [SignatureScheme.GitHub, SignatureScheme.Stripe];
        var given = GivenWebhook(Created, SigningKey(1), SigningKey(2) with { Schemes = gitHub }, SigningKey(3) with { Schemes = two });
        Assert.Equal([Id<SigningKeyId>(2)], Ended(RotateTo(4, Hour) with { Schemes = gitHub }));
        Assert.Equal([Id<SigningKeyId>(3), Id<SigningKeyId>(2)], Ended(RotateTo(4, Hour) with { Schemes = two }));
        Assert.Equal([Id<SigningKeyId>(3), Id<SigningKeyId>(2), Id<SigningKeyId>(1)], Ended(RotateTo(4, Hour)));

        IEnumerable<SigningKeyId> Ended(RotateSigningKey command) => given.After(command).State.Keys.Where(k => k.ValidUntil is not null).Select(k => k.Id);
    }

    [Fact]
    public void A_scheme_waits_for_a_key_that_is_for_it()
    {
        var webhook = GivenWebhook(Created, SigningKey(1) with { Schemes = new[] { SignatureScheme.Standard } });
        var stripe = new UpdateWebhook(Configuration with { SignatureScheme = SignatureScheme.Stripe });
        webhook.When(stripe).ThenInvalid("signature_scheme", "webhook.no_signing_key");
        webhook.After(AddKey(2)).When(stripe).Then(new WebhookUpdated(stripe.Configuration));
    }

    [Fact]
    public void The_schemes_of_a_key_stand_in_its_fact_and_come_back()
    {
        var added = SigningKey(2) with { Schemes = new[] { SignatureScheme.GitHub, SignatureScheme.Streem } };
        Assert.Contains("\"schemes\":[\"github\",\"streem\"]", System.Text.Encoding.UTF8.GetString(FactCatalogue.Serialize(added)), StringComparison.Ordinal);
        Assert.Equal(added, FactCatalogue.Deserialize("webhook.signing_key_added.v1", FactCatalogue.Serialize(added)));
    }

    [Fact]
    public void The_kind_of_a_key_stands_in_its_fact_and_comes_back()
    {
        var rotated = new SigningKeyRotated(Id<SigningKeyId>(2), "pair", Secret(2), Now) { Kind = SigningKeyKind.Ed25519 };
        Assert.Equal(rotated, FactCatalogue.Deserialize("webhook.signing_key_rotated.v1", FactCatalogue.Serialize(rotated)));
        Assert.Equal(Pair(2), FactCatalogue.Deserialize("webhook.signing_key_added.v1", FactCatalogue.Serialize(Pair(2))));
    }

    private static SigningKeyAdded Pair(int n) => SigningKey(n) with { Kind = SigningKeyKind.Ed25519 };

    private static AddSigningKey AddPair(int n) => AddKey(n) with { Kind = SigningKeyKind.Ed25519 };
}
