using System.Globalization;
using System.Security.Cryptography;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using static Webhooks.Receiver.Tests.Sender;

namespace Webhooks.Receiver.Tests;

/// <summary>What is particular to one scheme.</summary>
public sealed class SchemeTests
{
    [Theory]
    [InlineData("v2,AAAA v9")]
    [InlineData("v1a,AAAA v1, v1")]
    [InlineData(", ,, v1,%%%")]
    public void Standard_passes_over_versions_that_it_does_not_know(string others)
    {
        var sent = Sign("standard", SentAt, Secret);

        Assert.True(sent.With("webhook-signature", $"{others} {sent.Value("webhook-signature")}").VerifyWith(WebhookVerifier.Standard(Secret), SentAt).IsGenuine);
    }

    [Fact]
    public void Standard_looks_at_16_signatures_and_no_further()
    {
        var sent = Sign("standard", SentAt, Secret);
        Sent After(int others) => sent.With("webhook-signature", string.Concat(Enumerable.Repeat("v1,AAAA ", others)) + sent.Value("webhook-signature"));

        Assert.True(After(15).VerifyWith(WebhookVerifier.Standard(Secret), SentAt).IsGenuine);
        Assert.Equal(WebhookFault.SignatureMismatch, After(16).VerifyWith(WebhookVerifier.Standard(Secret), SentAt).Fault);
    }

    [Theory]
    [InlineData("webhook-id", "a.b")]
    [InlineData("webhook-timestamp", "1767323045.678")]
    [InlineData("webhook-timestamp", "-1")]
    [InlineData("webhook-timestamp", "+1767323045")]
    [InlineData("webhook-timestamp", " 1767323045")]
    [InlineData("webhook-timestamp", "9223372036854775807")]
    [InlineData("webhook-timestamp", "99999999999999999999")]
    public void Standard_refuses_ids_with_a_dot_and_times_that_are_not_digits(string header, string value)
    {
        var verification = Sign("standard", SentAt, Secret).With(header, value).VerifyWith(WebhookVerifier.Standard(Secret), SentAt);

        Assert.Equal((WebhookFault.HeaderMalformed, header), (verification.Fault!.Value, verification.Header));
    }

    [Theory]
    [InlineData("webhook-id", "evt_other")]
    [InlineData("webhook-timestamp", "1767323046")]
    public void Standard_signs_id_and_time(string header, string value) =>
        Assert.Equal(WebhookFault.SignatureMismatch, Sign("standard", SentAt, Secret).With(header, value).VerifyWith(WebhookVerifier.Standard(Secret), SentAt).Fault);

    [Fact]
    public void A_public_key_verifies_what_its_private_key_signed()
    {
        var (pair, other) = (KeyPair(1), KeyPair(2));
        var sent = SignWithKeyPair(SentAt, pair);

        Assert.True(sent.VerifyWith(WebhookVerifier.Standard(SigningSecret.PublicKeyOf(pair)), SentAt).IsGenuine);
        Assert.True(sent.VerifyWith(WebhookVerifier.Standard(Secret, SigningSecret.PublicKeyOf(other), SigningSecret.PublicKeyOf(pair)), SentAt).IsGenuine);
        Assert.Equal(WebhookFault.SignatureMismatch, sent.VerifyWith(WebhookVerifier.Standard(SigningSecret.PublicKeyOf(other)), SentAt).Fault);
        Assert.Equal(WebhookFault.SignatureMismatch, (sent with { Content = [.. sent.Content, 0] }).VerifyWith(WebhookVerifier.Standard(SigningSecret.PublicKeyOf(pair)), SentAt).Fault);
        Assert.Equal(WebhookFault.TooOld, sent.VerifyWith(WebhookVerifier.Standard(SigningSecret.PublicKeyOf(pair)), SentAt.AddHours(1)).Fault);
    }

    [Fact]
    public void A_signature_of_one_kind_does_not_pass_for_the_other()
    {
        var mac = Sign("standard", SentAt, Secret);
        var relabelled = mac.With("webhook-signature", mac.Value("webhook-signature").Replace("v1,", "v1a,", StringComparison.Ordinal));

        Assert.Equal(WebhookFault.SignatureMismatch, relabelled.VerifyWith(WebhookVerifier.Standard(Secret, SigningSecret.PublicKeyOf(KeyPair(1))), SentAt).Fault);
    }

    [Fact]
    public void Streem_signs_the_headers_that_it_names()
    {
        var (sent, verifier) = (Sign("streem", SentAt, "a secret with spaces ☃"), WebhookVerifier.Streem("a secret with spaces ☃"));

        Assert.True(sent.VerifyWith(verifier, SentAt).IsGenuine);
        Assert.Equal(WebhookFault.SignatureMismatch, sent.With("X-Region", "us").VerifyWith(verifier, SentAt).Fault);
        Assert.Equal(new Verification(WebhookFault.HeaderMissing) { Header = "X-Region" }, sent.Without("X-Region").VerifyWith(verifier, SentAt));
        Assert.Equal(WebhookFault.HeaderMissing, sent.With("X-Region", "").VerifyWith(verifier, SentAt).Fault);
    }

    /// <summary>The list is not signed. Who leaves the time out of it could send an old request with a new time.</summary>
    [Fact]
    public void Streem_must_name_the_time_first()
    {
        var names = "X-Region";
        var mac = Convert.ToHexStringLower(HMACSHA256.HashData("secret"u8, [.. "X-Region=eu;"u8, .. Body]));
        var sent = Sign("streem", SentAt, "secret").With("Streem-Signature-Headers", names).With("Streem-Signature", mac);

        Assert.Equal(new Verification(WebhookFault.HeaderMalformed) { Header = "Streem-Signature-Headers" }, sent.VerifyWith(WebhookVerifier.Streem("secret"), SentAt));
    }

    [Fact]
    public void Streem_refuses_a_time_that_is_none() =>
        Assert.Equal(
            new Verification(WebhookFault.HeaderMalformed) { Header = "Streem-Sent-At" },
            Sign("streem", SentAt, Secret).With("Streem-Sent-At", "yesterday").VerifyWith(WebhookVerifier.Streem(Secret), SentAt));

    [Theory]
    [InlineData("Stripe-Signature", "stripe", "t=1767323045")]
    [InlineData("Stripe-Signature", "stripe", "v1=00")]
    [InlineData("Stripe-Signature", "stripe", "t")]
    [InlineData("X-Hook0-Signature", "hook0", "t=x,h=,v1=00")]
    [InlineData("X-Hub-Signature-256", "github", "sha1=00")]
    [InlineData("X-Hub-Signature-256", "github", "sha256=")]
    [InlineData("X-SIGNATURE", "getstream", "00")]
    [InlineData("X-Shopify-Hmac-Sha256", "shopify", "%")]
    public void A_signature_that_is_incomplete_is_refused(string header, string scheme, string value) =>
        Assert.False(Sign(scheme, SentAt, Secret).With(header, value).VerifyWith(Verifier(scheme, Secret), SentAt).IsGenuine);

    [Fact]
    public void Stripe_passes_over_schemes_that_it_does_not_know()
    {
        var sent = Sign("stripe", SentAt, Secret);

        Assert.True(sent.With("Stripe-Signature", "v0=00," + sent.Value("Stripe-Signature") + ",v2=zz").VerifyWith(WebhookVerifier.Stripe(Secret), SentAt).IsGenuine);
    }

    [Fact]
    public void Hook0_signs_the_headers_that_it_names()
    {
        var (sent, verifier) = (Sign("hook0", SentAt, Secret), WebhookVerifier.Hook0(Secret));

        Assert.Contains("x-region", sent.Value("X-Hook0-Signature"), StringComparison.Ordinal);
        Assert.Equal(WebhookFault.SignatureMismatch, sent.With("X-Region", "us").VerifyWith(verifier, SentAt).Fault);
        Assert.Equal(new Verification(WebhookFault.HeaderMissing) { Header = "x-region" }, sent.Without("X-Region").VerifyWith(verifier, SentAt));
    }

    [Theory]
    [InlineData("streem", "Streem-Signature-Headers", 1)]
    [InlineData("hook0", "X-Hook0-Signature", 2)]
    public void Signed_headers_are_named_once_and_there_are_64_at_most(string scheme, string header, int ofTheScheme)
    {
        var verifier = Verifier(scheme, Secret);
        Verification Named(params IEnumerable<string> names) => SignHeaders(scheme, SentAt, names).VerifyWith(verifier, SentAt);
        static IEnumerable<string> Different(int count) => Enumerable.Range(0, count).Select(i => $"X-Own-{i}");

        Assert.True(Named(Different(HeaderRules.MaxHeaders)).IsGenuine, "As many as a webhook may have.");
        Assert.True(Named(Different(64 - ofTheScheme)).IsGenuine);
        Assert.Equal(new Verification(WebhookFault.HeaderMalformed) { Header = header }, Named(Different(65 - ofTheScheme)));
        Assert.Equal(new Verification(WebhookFault.HeaderMalformed) { Header = header }, Named("X-Region", "x-region"));
    }

    /// <summary>Written out, the values of these names are a hundred million characters.</summary>
    [Theory]
    [InlineData("streem", "Streem-Signature-Headers", "Streem-Sent-At{0}", ":a")]
    [InlineData("hook0", "X-Hook0-Signature", "t=1767323045,h=x-event-id{0},v1=00", " a")]
    public void A_header_that_is_named_often_takes_no_memory(string scheme, string header, string list, string name)
    {
        var sent = Sign(scheme, SentAt, Secret)
            .With("a", new string('x', 15_000))
            .With(header, string.Format(CultureInfo.InvariantCulture, list, string.Concat(Enumerable.Repeat(name, 7_500))));
        var (headers, verifier) = (sent.HeaderDictionary, Verifier(scheme, Secret));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var verification = verifier.Verify(headers, Body, SentAt);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal(WebhookFault.HeaderMalformed, verification.Fault);
    }

    [Theory]
    [InlineData("streem")]
    [InlineData("hook0")]
    public void The_time_is_judged_before_signed_headers_are_read(string scheme) =>
        Assert.Equal(WebhookFault.TooOld, Sign(scheme, SentAt, Secret).Without("X-Region").VerifyWith(Verifier(scheme, Secret), SentAt.AddHours(1)).Fault);

    [Fact]
    public void A_custom_signature_with_time_prefix_hash_and_list_of_its_own_is_verified()
    {
        var sent = Sign(
            new Domain.Signing.CustomSignature("X-Acme-Signature", "{{timestamp}}|{{body}}|end")
            {
                Prefix = "t={{timestamp}},s=",
                Separator = " ",
                Hash = SignatureHash.Sha512,
                Encoding = SignatureEncoding.Base64,
                Headers = new TemplateHeader[] { new("X-Acme-Time", "{{timestamp}}") },
            },
            "new key", "old key");
        var custom = new CustomSignature("X-Acme-Signature")
        {
            Prefix = ",s=",
            Separator = " ",
            Hash = HashAlgorithmName.SHA512,
            IsBase64 = true,
            IdHeader = "webhook-id",
            Before = headers => $"{headers["X-Acme-Time"]}|",
            After = _ => "|end",
            SentAt = headers => long.TryParse(headers["X-Acme-Time"], out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
        };

        Assert.True(sent.VerifyWith(WebhookVerifier.Custom(custom, "old key"), SentAt).IsGenuine);
        Assert.True(sent.VerifyWith(WebhookVerifier.Custom(custom, "new key"), SentAt).IsGenuine);
        Assert.Equal(sent.Value("webhook-id"), sent.VerifyWith(WebhookVerifier.Custom(custom, "new key"), SentAt).Id);
        Assert.Equal(WebhookFault.SignatureMismatch, sent.VerifyWith(WebhookVerifier.Custom(custom, "other"), SentAt).Fault);
        Assert.Equal(WebhookFault.TooOld, sent.VerifyWith(WebhookVerifier.Custom(custom, "old key"), SentAt.AddMinutes(6)).Fault);
        Assert.Equal(WebhookFault.HeaderMalformed, sent.With("X-Acme-Time", "now").VerifyWith(WebhookVerifier.Custom(custom, "old key"), SentAt).Fault);
    }

    [Fact]
    public void A_custom_signature_has_a_hash_that_the_service_makes() =>
        Assert.Throws<ArgumentException>(() => WebhookVerifier.Custom(new CustomSignature("X") { Hash = HashAlgorithmName.MD5 }, "key"));

    private static string KeyPair(byte fill) => SigningSecret.KeyPairFromRandom(Enumerable.Repeat(fill, 32).ToArray());
}
