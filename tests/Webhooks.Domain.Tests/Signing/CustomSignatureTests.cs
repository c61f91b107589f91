using System.Security.Cryptography;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Shaping;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Sample;
using static Webhooks.Domain.Tests.Signing.SigningData;

namespace Webhooks.Domain.Tests.Signing;

public sealed class CustomSignatureTests
{
    private static readonly DateTimeOffset SentAt = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private static readonly ShapedEvent Event = new(Id<MessageId>(1), "order.paid", SentAt.AddSeconds(-1), Id<CompanyId>(2), Id<WebhookId>(3), Id<DeliveryId>(4), Attempt: 2, SentAt);

    [Fact]
    public void Time_and_body_joined_by_a_comma_as_one_vendor_has_it()
    {
        var custom = new CustomSignature("X-Convoy-Signature", "{{timestamp}},{{body}}") { Prefix = "t={{timestamp}},v1=", Separator = ",v1=" };
        var (first, second) = (Hex("new", "1767323045,{}"), Hex("old", "1767323045,{}"));

        Assert.Equal([new Header("X-Convoy-Signature", $"t=1767323045,v1={first},v1={second}")], Sign(custom, "new", "old"));
    }

    [Fact]
    public void Without_a_separator_the_oldest_key_signs_alone()
    {
        var custom = new CustomSignature("X-Signature", "{{body}}") { Prefix = "sha256=" };
        Assert.Equal([new Header("X-Signature", "sha256=" + Hex("old", "{}"))], Sign(custom, "new", "old"));
    }

    [Fact]
    public void Sha512_in_base64_over_whatever_the_template_says_with_headers_of_its_own()
    {
        var custom = new CustomSignature("X-Sig", "v0:{{ timestamp_ms }}:{{event_sid}}:{{event_type}}:{{attempt}}\n{{body}}")
        {
            Hash = SignatureHash.Sha512,
            Encoding = SignatureEncoding.Base64,
            Headers = new TemplateHeader[] { new("X-Sent-At", "{{sent_at}}"), new("X-Kind", "hook {{event_type}}") },
        };
        var signed = $"v0:1767323045678:{Id<MessageId>(1)}:order.paid:2\n{{}}";

        Assert.Equal(
            [
                new("X-Sent-At", "2026-01-02T03:04:05.678Z"),
                new("X-Kind", "hook order.paid"),
                new("X-Sig", Convert.ToBase64String(HMACSHA512.HashData(Utf8("k"), Utf8(signed)))),
            ],
            Sign(custom, "k"));
    }

    [Theory]
    [InlineData("X-A", "{{timestamp}}", null, "content")]
    [InlineData("X-A", "{{body}}{{body}}", null, "content")]
    [InlineData("X-A", "{{body}}{{secret}}", null, "content")]
    [InlineData("X-A", "{{body", null, "content")]
    [InlineData("X-A", "{{body}}\t", null, "content")]
    [InlineData("X-A", "", null, "content")]
    [InlineData("X A", "{{body}}", null, "signature_header")]
    [InlineData("Host", "{{body}}", null, "signature_header")]
    [InlineData("Webhook-Signature", "{{body}}", null, "signature_header")]
    [InlineData("Authorization", "{{body}}", null, "signature_header")]
    [InlineData("X-A", "{{body}}", "{{body}}", "prefix")]
    [InlineData("X-A", "{{body}}", "é=", "prefix")]
    [InlineData("X-A", "{{body}}", " a", "prefix")]
    public void What_could_not_be_sent_or_would_leave_the_body_open_is_refused(string header, string content, string? prefix, string field)
    {
        var signature = new SignatureSettings(SignatureScheme.Custom) { Custom = new CustomSignature(header, content) { Prefix = prefix } };
        Assert.Equal($"signatures[0].custom.{field}", SignatureRules.Refuse([signature], [], "signatures")?.Field);
    }

    [Fact]
    public void A_template_of_a_newer_version_signs_nothing()
    {
        var signer = CustomSigner.Of(new CustomSignature("X-A", "{{body}}{{nonce}}"));

        Assert.Null(signer);
        Assert.Throws<InvalidOperationException>(() => RequestSigner.Sign(SignatureScheme.Custom, new SigningInput { MessageId = "m", SentAt = SentAt, Content = [], Keys = Keys(SignatureScheme.Custom, "k"), Custom = signer }));
    }

    private static EquatableArray<Header> Sign(CustomSignature custom, params string[] secrets) => RequestSigner.Sign(SignatureScheme.Custom, new SigningInput
    {
        MessageId = Id<MessageId>(1).ToString(),
        SentAt = SentAt,
        Content = "{}"u8,
        Event = Event,
        Keys = Keys(SignatureScheme.Custom, secrets),
        Custom = CustomSigner.Of(custom),
    });

    private static string Hex(string key, string content) => Convert.ToHexStringLower(HMACSHA256.HashData(Utf8(key), Utf8(content)));
}
