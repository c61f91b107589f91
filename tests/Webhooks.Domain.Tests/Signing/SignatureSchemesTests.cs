using System.Security.Cryptography;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Sample;
using static Webhooks.Domain.Tests.Signing.SigningData;

namespace Webhooks.Domain.Tests.Signing;

public sealed class SignatureSchemesTests
{
    private static readonly DateTimeOffset SentAt = DateTimeOffset.FromUnixTimeSeconds(1674087231);

    private static readonly ShapedEvent Event = new(
        Id<MessageId>(1), "order.paid", new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), Id<CompanyId>(2), Id<WebhookId>(3), Id<DeliveryId>(4), Attempt: 2, SentAt);

    [Fact]
    public void GetStreams_vector_is_met_beside_its_headers()
    {
        var vector = Vectors.GetProperty("getstream");
        Assert.Equal(
            [new("X-WEBHOOK-ID", "msg_1"), new("X-WEBHOOK-ATTEMPT", "2"), new("X-API-KEY", "key_1"), new("X-SIGNATURE", vector.Text("x_signature"))],
            Sign(SignatureScheme.GetStream, vector.Text("body"), "key_1", vector.Text("secret")));
    }

    [Fact]
    public void GetStreams_api_key_is_named_only_where_the_webhook_has_one() =>
        Assert.DoesNotContain(Sign(SignatureScheme.GetStream, "{}", null, "secret"), h => h.Name == "X-API-KEY");

    [Fact]
    public void Stripes_header_is_met_and_every_key_adds_a_v1()
    {
        var vector = Vectors.GetProperty("stripe");
        var alone = Sign(SignatureScheme.Stripe, vector.Text("body"), null, vector.Text("secret"));
        var both = Sign(SignatureScheme.Stripe, vector.Text("body"), null, vector.Text("secret"), "another");

        Assert.Equal([new("Stripe-Signature", vector.Text("stripe_signature"))], alone);
        Assert.Matches("^" + vector.Text("stripe_signature") + ",v1=[0-9a-f]{64}$", both.Value("Stripe-Signature"));
    }

    [Fact]
    public void GitHubs_own_example_is_met_in_its_new_header_and_in_its_old_one()
    {
        var vector = Vectors.GetProperty("github");
        Assert.Equal(
            [
                new("X-GitHub-Event", "order.paid"),
                new("X-GitHub-Delivery", Id<DeliveryId>(4).Value.ToString("D")),
                new("X-Hub-Signature", vector.Text("x_hub_signature")),
                new("X-Hub-Signature-256", vector.Text("x_hub_signature_256")),
            ],
            Sign(SignatureScheme.GitHub, vector.Text("body"), null, vector.Text("secret")));
    }

    [Fact]
    public void Shopifys_signature_is_base64_beside_topic_ids_and_time()
    {
        var vector = Vectors.GetProperty("shopify");
        Assert.Equal(
            [
                new("X-Shopify-Topic", "order.paid"),
                new("X-Shopify-Webhook-Id", Id<DeliveryId>(4).Value.ToString("D")),
                new("X-Shopify-Event-Id", Id<MessageId>(1).Value.ToString("D")),
                new("X-Shopify-Triggered-At", "2026-01-02T03:04:05.678Z"),
                new("X-Shopify-Hmac-Sha256", vector.Text("x_shopify_hmac_sha256")),
            ],
            Sign(SignatureScheme.Shopify, vector.Text("body"), null, vector.Text("secret")));
    }

    [Theory]
    [InlineData("Orders, new", "Orders, new")]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData("Bücher", null)]
    [InlineData("two\nlines", null)]
    [InlineData(" ", null)]
    public void Shopifys_name_is_the_webhooks_label_where_it_can_stand_in_a_header(string? label, string? name)
    {
        var headers = RequestSigner.Sign(SignatureScheme.Shopify, Input("{}") with { Label = label, Keys = Keys(SignatureScheme.Shopify, "secret") });
        Assert.Equal(name, headers.SingleOrDefault(h => h.Name == "X-Shopify-Name").Value);
    }

    [Fact]
    public void Hook0_signs_its_two_headers_and_the_customers_by_their_lower_case_names()
    {
        var headers = RequestSigner.Sign(SignatureScheme.Hook0, Input("""{"a":1}""") with
        {
            Headers = [new("X-Zone", "eu", Signed: true), new("X-Other", "no", Signed: false), new("X-Alpha", "1", Signed: true)],
            Keys = Keys(SignatureScheme.Hook0, "secret"),
        });

        var id = Id<MessageId>(1).Value.ToString("D");
        var signed = $$"""1674087231.x-event-id x-event-type x-alpha x-zone.{{id}}.order.paid.1.eu.{"a":1}""";
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Utf8("secret"), Utf8(signed)));
        Assert.Equal([new("X-Event-Id", id), new("X-Event-Type", "order.paid"), new("X-Hook0-Signature", $"t=1674087231,h=x-event-id x-event-type x-alpha x-zone,v1={expected}")], headers);
    }

    [Fact]
    public void Svix_is_Standard_Webhooks_by_other_names()
    {
        var vector = Vectors.GetProperty("standard");
        var headers = RequestSigner.Sign(SignatureScheme.Svix, Input(vector.Text("body")) with { MessageId = vector.Text("id"), Keys = Keys(SignatureScheme.Svix, vector.Text("secret")) });

        Assert.Equal([new("svix-id", vector.Text("id")), new("svix-timestamp", "1674087231"), new("svix-signature", vector.Text("signature"))], headers);
    }

    [Fact]
    public void The_key_pairs_vector_is_met_and_its_public_half_verifies()
    {
        var vector = Vectors.GetProperty("ed25519");
        var headers = RequestSigner.Sign(SignatureScheme.StandardEd25519, Input(vector.Text("body")) with { MessageId = vector.Text("id"), Keys = Keys(SignatureScheme.StandardEd25519, vector.Text("whsk")) });

        Assert.Equal([new("webhook-timestamp", "1674087231"), new("webhook-signature", vector.Text("signature"))], headers);
        Assert.Equal(vector.Text("whpk"), SigningSecret.PublicKeyOf(vector.Text("whsk")));
        var signature = Convert.FromBase64String(vector.Text("signature")["v1a,".Length..]);
        var publicKey = Convert.FromBase64String(vector.Text("whpk")["whpk_".Length..]);
        Assert.True(Ed25519.Verify(publicKey, Utf8($"msg_1.1674087231.{vector.Text("body")}"), signature));
        Assert.False(Ed25519.Verify(publicKey, Utf8($"msg_2.1674087231.{vector.Text("body")}"), signature));
    }

    /// <summary>Verifiers of these compare the whole header: two signatures in it would fail for everybody.</summary>
    [Theory]
    [InlineData(SignatureScheme.GetStream)]
    [InlineData(SignatureScheme.GitHub)]
    [InlineData(SignatureScheme.Shopify)]
    [InlineData(SignatureScheme.Hook0)]
    public void A_format_of_one_signature_is_signed_by_the_oldest_key_alone(SignatureScheme scheme) =>
        Assert.Equal(Sign(scheme, "{}", null, "old"), Sign(scheme, "{}", null, "new", "old"));

    [Theory]
    [InlineData(SignatureScheme.GetStream)]
    [InlineData(SignatureScheme.GitHub)]
    [InlineData(SignatureScheme.Shopify)]
    [InlineData(SignatureScheme.Hook0)]
    public void What_speaks_of_the_event_is_not_signed_without_one(SignatureScheme scheme) =>
        Assert.Throws<InvalidOperationException>(() => RequestSigner.Sign(scheme, Input("{}") with { Event = null, Keys = Keys(scheme, "secret") }));

    [Theory]
    [InlineData(SignatureScheme.GetStream)]
    [InlineData(SignatureScheme.Stripe)]
    [InlineData(SignatureScheme.Hook0)]
    [InlineData(SignatureScheme.Svix)]
    [InlineData(SignatureScheme.StandardEd25519)]
    public void A_body_larger_than_any_small_buffer_and_an_empty_one_are_signed_whole(SignatureScheme scheme)
    {
        var secret = scheme == SignatureScheme.StandardEd25519 ? Vectors.GetProperty("ed25519").Text("whsk") : Secret(1);
        var bodies = new[] { "", new string('x', 1_000_000), new string('x', 999_999) + "y" };
        Assert.Equal(3, bodies.Select(b => string.Join('|', Sign(scheme, b, null, secret))).Distinct().Count());
    }

    private static SigningInput Input(string content) => new() { MessageId = "msg_1", SentAt = SentAt, Content = Utf8(content), Event = Event };

    private static EquatableArray<Header> Sign(SignatureScheme scheme, string content, string? apiKey, params string[] secrets) =>
        RequestSigner.Sign(scheme, Input(content) with { ApiKey = apiKey, Keys = Keys(scheme, secrets) });

    private static string Secret(byte fill) => SigningData.Secret(fill);
}
