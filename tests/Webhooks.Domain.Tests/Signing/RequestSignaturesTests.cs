using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Sample;
using static Webhooks.Domain.Tests.Signing.SigningData;

namespace Webhooks.Domain.Tests.Signing;

public sealed class RequestSignaturesTests
{
    private static readonly ShapedEvent Event = new(Id<MessageId>(1), "order.paid", Now, Id<CompanyId>(2), Id<WebhookId>(3), Id<DeliveryId>(4), Attempt: 1, Now);
    private static readonly string KeyPair = Vectors.GetProperty("ed25519").Text("whsk");

    [Fact]
    public void A_migrating_webhook_carries_the_headers_of_both_its_schemes()
    {
        var headers = Sign([SignatureScheme.Stripe, SignatureScheme.GitHub], Shared("whsec_a"));
        Assert.Equal(["Stripe-Signature", "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature", "X-Hub-Signature-256"], headers.Select(h => h.Name));
    }

    [Fact]
    public void Secret_and_key_pair_sign_side_by_side_in_one_list()
    {
        var headers = Sign([SignatureScheme.Standard, SignatureScheme.StandardEd25519], Pair(), Shared(SigningData.Secret(1)));

        Assert.Equal(["webhook-timestamp", "webhook-signature"], headers.Select(h => h.Name));
        Assert.Matches("^v1,[^ ,]{44} v1a,[^ ,]{88}$", headers[1].Value);
    }

    [Fact]
    public void A_key_signs_only_where_its_kind_belongs() =>
        Assert.Matches("^v1,[^ ]+$", Sign([SignatureScheme.Standard], Pair(), Shared(SigningData.Secret(1)))[1].Value);

    [Fact]
    public void A_key_that_a_scheme_can_not_sign_with_is_for_the_others()
    {
        var standard = SigningData.Secret(1);
        var both = Sign([SignatureScheme.GetStream, SignatureScheme.Standard], Shared(standard), Shared("the api's secret"));
        Assert.Equal(Sign([SignatureScheme.GetStream], Shared("the api's secret")).Value("X-SIGNATURE"), both.Value("X-SIGNATURE"));
        Assert.Equal(Sign([SignatureScheme.Standard], Shared(standard)).Value("webhook-signature"), both.Value("webhook-signature"));
    }

    [Fact]
    public void A_format_of_one_signature_takes_the_key_that_names_it_before_older_ones()
    {
        var keys = new[] { Shared("mine", SignatureScheme.GitHub), Shared(SigningData.Secret(1)) };
        var headers = Sign([SignatureScheme.GitHub, SignatureScheme.Standard], keys);
        Assert.Equal(Sign([SignatureScheme.GitHub], Shared("mine")).Value("X-Hub-Signature-256"), headers.Value("X-Hub-Signature-256"));
        Assert.Matches("^v1,[^ ]+$", headers.Value("webhook-signature"));
    }

    [Fact]
    public void A_key_signs_with_nothing_but_the_schemes_that_it_names() =>
        Assert.Matches("^[0-9a-f]{64}$", Sign([SignatureScheme.Streem, SignatureScheme.Standard], Shared("theirs"), Shared(SigningData.Secret(1), SignatureScheme.Standard)).Value("Streem-Signature"));

    [Fact]
    public void Before_the_cut_over_the_old_key_signs_and_from_then_on_the_new_one()
    {
        var keys = new[] { Shared("new"), Until(Shared("old"), Now) };

        Assert.Equal(Sign([SignatureScheme.GetStream], Now.AddTicks(-1), Shared("old")), Sign([SignatureScheme.GetStream], Now.AddTicks(-1), keys));
        Assert.Equal(Sign([SignatureScheme.GetStream], Now, Shared("new")), Sign([SignatureScheme.GetStream], Now, keys));
    }

    [Fact]
    public void A_key_rotated_to_for_one_format_waits_for_the_cut_over_too()
    {
        var rotated = Webhook.Evolve(
            Webhook.Unknown with { Keys = [Shared("old").Key] },
            new SigningKeyRotated(new SigningKeyId(Guid.NewGuid()), "", Shared("new").Key.Secret, Now) { Schemes = new[] { SignatureScheme.GitHub } }).Keys;
        OpenedKey[] keys = [new("new", rotated[0]), new("old", rotated[1])];

        Assert.Equal(Sign([SignatureScheme.GitHub], Shared("old")), Sign([SignatureScheme.GitHub], Now.AddTicks(-1), keys));
        Assert.Equal(Sign([SignatureScheme.GitHub], Shared("new")), Sign([SignatureScheme.GitHub], Now, keys));
        Assert.Equal(Sign([SignatureScheme.Shopify], Shared("old")).Value("X-Shopify-Hmac-Sha256"), Sign([SignatureScheme.Shopify], Now, keys).Value("X-Shopify-Hmac-Sha256"));
    }

    [Fact]
    public void What_the_webhook_says_of_itself_stands_in_its_headers()
    {
        Assert.Equal("app-7", Sign(Configuration with { SignatureScheme = SignatureScheme.GetStream, ApiKey = "app-7" }, Now, Shared("k")).Value("X-API-KEY"));
        Assert.Equal(Configuration.Label, Sign(Configuration with { SignatureScheme = SignatureScheme.Shopify }, Now, Shared("k")).Value("X-Shopify-Name"));
    }

    [Fact]
    public void Every_scheme_sets_the_headers_that_the_rules_know_of()
    {
        foreach (var scheme in Enum.GetValues<SignatureScheme>())
        {
            var settings = scheme == SignatureScheme.Custom
                ? new SignatureSettings(scheme) { Custom = new CustomSignature("X-S", "{{body}}") { Headers = new TemplateHeader[] { new("X-T", "{{timestamp}}") } } }
                : new SignatureSettings(scheme);
            var headers = Sign(Configuration with { SignatureScheme = scheme, Signatures = new[] { settings }, ApiKey = "k" }, Now, Shared(SigningData.Secret(1)), Pair());
            Assert.Equal(SignatureRules.HeadersOf(settings), headers.Select(h => h.Name));
        }
    }

    [Theory]
    [InlineData("signatures[1].scheme", SignatureScheme.Standard, SignatureScheme.Standard)]
    [InlineData("signatures[2].scheme", SignatureScheme.Standard, SignatureScheme.StandardEd25519, SignatureScheme.StandardEd25519)]
    [InlineData("signatures[0].custom", SignatureScheme.Custom)]
    [InlineData("signatures")]
    [InlineData("signatures", SignatureScheme.Standard, SignatureScheme.Streem, SignatureScheme.Svix, SignatureScheme.Stripe, SignatureScheme.GitHub, SignatureScheme.Shopify)]
    [InlineData(null, SignatureScheme.Standard, SignatureScheme.StandardEd25519, SignatureScheme.Svix, SignatureScheme.Stripe, SignatureScheme.GitHub)]
    public void Signatures_that_can_not_stand_together_are_refused(string? field, params SignatureScheme[] schemes) =>
        Assert.Equal(field, SignatureRules.Refuse([.. schemes.Select(s => new SignatureSettings(s))], [], "signatures")?.Field);

    [Fact]
    public void Two_signatures_never_set_one_header()
    {
        var custom = new SignatureSettings(SignatureScheme.Custom) { Custom = new CustomSignature("x-hub-signature-256", "{{body}}") };
        Assert.Equal("signature.same_header", SignatureRules.Refuse([new(SignatureScheme.GitHub), custom], [], "signatures")?.Code);
    }

    [Fact]
    public void A_header_of_the_customers_own_gives_way_to_that_of_the_scheme()
    {
        Assert.Equal(("headers", "header.reserved"), Named(SignatureRules.Refuse([new(SignatureScheme.GetStream)], ["x-api-key"], "signatures")));
        Assert.Null(SignatureRules.Refuse([new(SignatureScheme.Standard)], ["x-api-key"], "signatures"));
    }

    private static (string?, string?) Named(Refusal? refusal) => (refusal?.Field, refusal?.Code);

    private static OpenedKey Shared(string secret, params SignatureScheme[] schemes) => new(secret, Key(SigningKeyKind.SharedSecret) with { Schemes = schemes });

    private static OpenedKey Pair() => new(KeyPair, Key(SigningKeyKind.Ed25519));

    private static SigningKey Key(SigningKeyKind kind) => new(Id<SigningKeyId>(1), "", Secret(1), null) { Kind = kind };

    private static OpenedKey Until(OpenedKey key, DateTimeOffset end) => key with { Key = key.Key with { ValidUntil = end } };

    private static EquatableArray<Domain.Deliveries.Header> Sign(SignatureScheme[] schemes, params OpenedKey[] keys) => Sign(schemes, Now, keys);

    private static EquatableArray<Domain.Deliveries.Header> Sign(SignatureScheme[] schemes, DateTimeOffset at, params OpenedKey[] keys) =>
        Sign(Configuration with { SignatureScheme = schemes[0], Signatures = schemes.Select(s => new SignatureSettings(s)).ToArray() }, at, keys);

    private static EquatableArray<Domain.Deliveries.Header> Sign(WebhookConfiguration configuration, DateTimeOffset at, params OpenedKey[] keys) =>
        new RequestSignatures(configuration, keys).Sign(new SigningInput { MessageId = "msg_1", SentAt = at, Content = "{}"u8, Event = Event });
}
