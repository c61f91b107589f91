using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Signing.SigningData;

namespace Webhooks.Domain.Tests.Signing;

public sealed class KeyPairTests
{
    private static readonly string Whsk = Vectors.GetProperty("ed25519").Text("whsk");

    [Fact]
    public void A_pair_made_from_a_seed_is_fit_for_its_scheme_and_for_no_standard_secret()
    {
        var seed = Convert.FromBase64String(Whsk["whsk_".Length..])[..32];

        Assert.Equal(Whsk, SigningSecret.KeyPairFromRandom(seed));
        Assert.Null(SecretRules.Refuse(SignatureScheme.StandardEd25519, Whsk, "f"));
        Assert.NotNull(SecretRules.Refuse(SignatureScheme.Standard, Whsk, "f"));
        Assert.Equal((SigningKeyKind.Ed25519, SigningKeyKind.SharedSecret), (SigningSecret.KindOf(Whsk), SigningSecret.KindOf(Secret(1))));
    }

    [Fact]
    public void A_pair_whose_halves_do_not_belong_together_is_refused()
    {
        var key = Convert.FromBase64String(Whsk["whsk_".Length..]);
        key[63] ^= 1;
        Assert.Equal("signing_key.secret", SecretRules.Refuse(SignatureScheme.StandardEd25519, "whsk_" + Convert.ToBase64String(key), "f")!.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsk_")]
    [InlineData("whsk_8VMhcZ7lru0rTVDLLUBS9nyAZIyYeLCK58EcmxTfEkU=")]
    [InlineData("whsec_WWRx9GeHirmWbowwqvggoT3uTsiawEebWnoXOHFVL37xUyFxnuWu7StNUMstQFL2fIBkjJh4sIrnwRybFN8SRQ==")]
    [InlineData("whsk_WWRx9GeHirmWbowwqvggoT3uTsiawEebWnoXOHFVL37xUyFxnuWu7StNUMstQFL2fIBkjJh4sIrnwRybFN8SRQ")]
    public void Nothing_but_seed_and_public_key_is_a_pair(string secret)
    {
        Assert.Equal(("f", "signing_key.secret"), (SecretRules.Refuse(SignatureScheme.StandardEd25519, secret, "f")!.Field, SecretRules.Refuse(SignatureScheme.StandardEd25519, secret, "f")!.Code));
        Assert.Throws<FormatException>(() => SigningSecret.KeyBytes(SignatureScheme.StandardEd25519, secret));
    }

    [Theory]
    [InlineData(SignatureScheme.GetStream)]
    [InlineData(SignatureScheme.Stripe)]
    [InlineData(SignatureScheme.GitHub)]
    [InlineData(SignatureScheme.Shopify)]
    [InlineData(SignatureScheme.Hook0)]
    [InlineData(SignatureScheme.Custom)]
    public void Schemes_that_take_the_text_as_it_stands_take_its_UTF8_bytes_prefix_and_all(SignatureScheme scheme)
    {
        Assert.Equal(Utf8("whsec_it's a ☃"), SigningSecret.KeyBytes(scheme, "whsec_it's a ☃"));
        Assert.Null(SecretRules.Refuse(scheme, "whsec_it's a ☃", "f"));
        Assert.NotNull(SecretRules.Refuse(scheme, "a\nb", "f"));
        Assert.NotNull(SecretRules.Refuse(scheme, new string('x', 501), "f"));
    }
}
