using System.Numerics;
using Webhooks.Receiver.Keys;
using Webhooks.Receiver.Schemes;

namespace Webhooks.Receiver.Tests;

public sealed class Ed25519KeyTests
{
    /// <summary>RFC 8032, 7.1: TEST 1, 2, 3 and TEST SHA(abc).</summary>
    public static TheoryData<string, string, string> Published => new()
    {
        {
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void The_published_signatures_fit(string key, string message, string signature) =>
        Assert.True(Fits(Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature)));

    [Theory]
    [MemberData(nameof(Published))]
    public void A_published_signature_with_one_bit_changed_does_not_fit(string key, string message, string signature)
    {
        var bytes = Convert.FromHexString(signature);
        foreach (var at in new[] { 0, 31, 32, 63 })
        {
            var changed = bytes.ToArray();
            changed[at] ^= 0x10;
            Assert.False(Fits(Convert.FromHexString(key), Convert.FromHexString(message), changed));
        }
    }

    [Fact]
    public void The_same_signature_in_another_spelling_does_not_fit()
    {
        var (key, signature) = (Convert.FromHexString("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), Convert.FromHexString(Published.First().Data.Item3));
        var respelled = signature.ToArray();
        (new BigInteger(signature.AsSpan(32), isUnsigned: true) + EdwardsPoint.Order).TryWriteBytes(respelled.AsSpan(32), out _, isUnsigned: true);

        Assert.True(Fits(key, [], signature));
        Assert.False(Fits(key, [], respelled));
    }

    [Theory]
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000")] // x² is no square
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")] // y = p
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")] // x = 0, said to be odd
    public void Bytes_that_are_no_point_are_no_key(string hex) => Assert.Null(EdwardsPoint.Decode(Convert.FromHexString(hex)));

    [Fact]
    public void The_order_times_the_base_point_is_neutral()
    {
        var sum = EdwardsPoint.Neutral;
        for (var bit = (int)EdwardsPoint.Order.GetBitLength() - 1; bit >= 0; bit--)
        {
            sum = sum.Add(sum);
            sum = (EdwardsPoint.Order >> bit).IsEven ? sum : sum.Add(EdwardsPoint.Base);
        }

        Assert.Equal(EdwardsPoint.Neutral.Encode(), sum.Encode());
        Assert.Equal(EdwardsPoint.Neutral.Encode(), EdwardsPoint.Base.Add(EdwardsPoint.Base.Negate()).Encode());
    }

    private static bool Fits(byte[] key, byte[] message, byte[] signature) =>
        Ed25519Key.OfText(Ed25519Key.Prefix + Convert.ToBase64String(key)).FitsAny([new Signature(IsEd25519: true, signature)], new SignedContent([], message, []));
}
