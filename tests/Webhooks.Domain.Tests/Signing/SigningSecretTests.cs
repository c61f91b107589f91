using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Tests.Signing;

public sealed class SigningSecretTests
{
    [Theory]
    [InlineData(24)]
    [InlineData(32)]
    [InlineData(64)]
    public void A_secret_made_from_random_bytes_is_fit_for_every_scheme(int length)
    {
        var random = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();

        var secret = SigningSecret.FromRandom(random);

        Assert.Null(SecretRules.Refuse(SignatureScheme.Standard, secret, "shared_secret"));
        Assert.Null(SecretRules.Refuse(SignatureScheme.Streem, secret, "shared_secret"));
        Assert.Equal(random, SigningSecret.KeyBytes(SignatureScheme.Standard, secret));
        Assert.Equal(SigningData.Utf8(secret), SigningSecret.KeyBytes(SignatureScheme.Streem, secret));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    [InlineData(65)]
    public void A_key_too_short_or_too_long_is_not_made(int length) =>
        Assert.Throws<ArgumentException>(() => SigningSecret.FromRandom(new byte[length]));

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("ClickToVideo Example Signing Key Secret")]
    [InlineData("GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACs=")]
    [InlineData("WHSEC_GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACs=")]
    [InlineData("whsec_GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACs")]
    [InlineData("whsec_GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACt=")]
    [InlineData("whsec_GbJYVuHBUMqDTP_ItZsjrb0OwDieWOsis7ZHaAmNACs=")]
    [InlineData("whsec_GbJYVuHBUMqDTP/ItZsjrb0O wDieWOsis7ZHaAmNACs=")]
    [InlineData("whsec_GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACs=\n")]
    [InlineData("whsec_c2hvcnQ=")]
    public void The_standard_scheme_takes_nothing_that_its_verifiers_could_read_otherwise(string secret)
    {
        var refusal = SecretRules.Refuse(SignatureScheme.Standard, secret, "shared_secret");

        Assert.Equal((RefusalKind.Invalid, "signing_key.secret", "shared_secret"), (refusal!.Kind, refusal.Code, refusal.Field));
        Assert.Throws<FormatException>(() => SigningSecret.KeyBytes(SignatureScheme.Standard, secret));
    }

    [Fact]
    public void The_standard_scheme_takes_at_most_64_bytes()
    {
        Assert.Null(SecretRules.Refuse(SignatureScheme.Standard, "whsec_" + Convert.ToBase64String(new byte[64]), "f"));
        Assert.NotNull(SecretRules.Refuse(SignatureScheme.Standard, "whsec_" + Convert.ToBase64String(new byte[65]), "f"));
        Assert.NotNull(SecretRules.Refuse(SignatureScheme.Standard, "whsec_" + Convert.ToBase64String(new byte[100_000]), "f"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("ClickToVideo Example Signing Key Secret")]
    [InlineData("Schlüssel ☃ 😀")]
    public void The_streem_scheme_takes_any_text_as_its_UTF8_bytes(string secret)
    {
        Assert.Null(SecretRules.Refuse(SignatureScheme.Streem, secret, "f"));
        Assert.Equal(SigningData.Utf8(secret), SigningSecret.KeyBytes(SignatureScheme.Streem, secret));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("a\u007f")]
    public void The_streem_scheme_refuses_empty_text_and_controls(string secret) =>
        Assert.Equal("f", SecretRules.Refuse(SignatureScheme.Streem, secret, "f")!.Field);

    [Fact]
    public void The_streem_scheme_refuses_text_that_has_no_UTF8_form() =>
        Assert.Equal("f", SecretRules.Refuse(SignatureScheme.Streem, "half \ud83d", "f")!.Field);

    [Fact]
    public void The_streem_scheme_takes_500_characters_and_no_more()
    {
        Assert.Null(SecretRules.Refuse(SignatureScheme.Streem, new string('☃', 500), "f"));
        Assert.NotNull(SecretRules.Refuse(SignatureScheme.Streem, new string('x', 501), "f"));
    }

    [Theory]
    [InlineData(SignatureScheme.Standard)]
    [InlineData(SignatureScheme.Streem)]
    public void A_refusal_does_not_quote_the_secret(SignatureScheme scheme) =>
        Assert.DoesNotContain("canary", SecretRules.Refuse(scheme, "canary\n", "f")!.ToString(), StringComparison.Ordinal);
}
