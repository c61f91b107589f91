using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Tests.Signing;

public sealed class SecretSealerTests
{
    private const string Place = "wh_01h455vb4pex5vsknk084sn02q";
    private readonly SecretSealer _sealer = new(MasterKey(1));

    [Theory]
    [InlineData("")]
    [InlineData("whsec_GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACs=")]
    [InlineData("Bearer ☃ 😀")]
    public void What_was_sealed_opens_with_the_same_master_key(string secret)
    {
        var box = _sealer.Seal(secret, Place);

        Assert.Equal(secret, new SecretSealer(MasterKey(1)).Open(box, Place));
        Assert.Matches("^v1\\.[0-9a-f]{8}\\.[A-Za-z0-9_-]+$", box.Value);
    }

    /// <summary>A change of the form or of the keys derived would make every stored secret unreadable.</summary>
    [Fact]
    public void What_was_sealed_by_an_earlier_version_opens_still()
    {
        var stored = new SealedSecret("v1.7e57bbc4.urQ_fADP5l72O17KAjIIOkYAEQqPvoC2dCutZl6PMeuugoH4Eutl4aI");

        Assert.Equal("whsec_example", _sealer.Open(stored, Place));
        Assert.Equal(stored, _sealer.Seal("whsec_example", Place));
    }

    [Fact]
    public void The_same_secret_for_the_same_place_is_sealed_the_same() =>
        Assert.Equal(_sealer.Seal("secret", Place), _sealer.Seal("secret", Place));

    [Fact]
    public void Another_text_another_place_or_another_master_key_gives_another_seal()
    {
        SealedSecret[] all = [_sealer.Seal("secret", Place), _sealer.Seal("secret", "wh_other"), _sealer.Seal("secret2", Place), new SecretSealer(MasterKey(2)).Seal("secret", Place)];

        Assert.Equal(4, all.Distinct().Count());
    }

    [Fact]
    public void A_secret_sealed_with_another_master_key_names_both_keys()
    {
        var other = new SecretSealer(MasterKey(2));

        var e = Assert.Throws<CannotOpenSecretException>(() => _sealer.Open(other.Seal("canary", Place), Place));

        Assert.Contains(_sealer.KeyId, e.Message, StringComparison.Ordinal);
        Assert.Contains(other.KeyId, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_does_not_open_in_another_place() =>
        Assert.Throws<CannotOpenSecretException>(() => _sealer.Open(_sealer.Seal("canary", Place), "wh_other"));

    [Theory]
    [InlineData("canary")]
    [InlineData("canary1")]
    [InlineData("canary12")]
    public void No_character_of_a_sealed_secret_can_be_changed_unnoticed(string secret)
    {
        const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_. ";
        var value = _sealer.Seal(secret, Place).Value;

        foreach (var (i, c) in Enumerable.Range(0, value.Length).SelectMany(i => Characters.Where(c => c != value[i]).Select(c => (i, c))))
        {
            var changed = new SealedSecret($"{value[..i]}{c}{value[(i + 1)..]}");
            var e = Assert.Throws<CannotOpenSecretException>(() => _sealer.Open(changed, Place));
            Assert.DoesNotContain("canary", e.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsec_GbJYVuHBUMqDTP/ItZsjrb0OwDieWOsis7ZHaAmNACs=")]
    [InlineData("v1.01234567.")]
    [InlineData("v1.01234567.AAAA")]
    [InlineData("v2.01234567.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("v1.01234567.????????????????????????????????????????????")]
    public void Text_that_is_no_sealed_secret_is_told_so_without_being_quoted(string value)
    {
        var e = Assert.Throws<CannotOpenSecretException>(() => _sealer.Open(new SealedSecret(value), Place));

        Assert.Equal("A sealed secret does not open: it has not the form of one.", e.Message);
    }

    [Fact]
    public void A_value_never_set_does_not_open() => Assert.Throws<CannotOpenSecretException>(() => _sealer.Open(default, Place));

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(33)]
    public void A_master_key_has_32_bytes(int length) => Assert.Throws<ArgumentException>(() => new SecretSealer(new byte[length]));

    [Fact]
    public void A_place_cannot_run_over_into_the_secret() => Assert.Throws<ArgumentException>(() => _sealer.Seal("b", "a\0"));

    [Fact]
    public void Printed_values_show_no_secret()
    {
        Assert.Equal("[sealed]", _sealer.Seal("canary", Place).ToString());
        Assert.DoesNotContain("canary", new OpenedHeader("Authorization", "canary", false).ToString(), StringComparison.Ordinal);
    }

    private static byte[] MasterKey(byte fill) => Enumerable.Repeat(fill, 32).ToArray();
}
