using System.Numerics;
using System.Security.Cryptography;
using Webhooks.Receiver.Schemes;

namespace Webhooks.Receiver.Keys;

/// <summary>
/// A public key of Ed25519 (RFC 8032), which .NET has none of. Everything that goes into verifying is public, so it
/// need not take constant time, and big integers do; one signature takes a few milliseconds.
/// </summary>
internal sealed class Ed25519Key : VerificationKey
{
    public const string Prefix = "whpk_";
    public const int Bytes = 32;

    private readonly byte[] _encoded;
    private readonly EdwardsPoint _negated;
    private readonly EdwardsPoint _baseAndNegated;

    private Ed25519Key(byte[] encoded, EdwardsPoint key)
        : base(encoded)
    {
        _encoded = encoded;
        _negated = key.Negate();
        _baseAndNegated = EdwardsPoint.Base.Add(_negated);
    }

    /// <exception cref="FormatException">Not <c>whpk_</c> and the base64 of a point's 32 bytes.</exception>
    public static Ed25519Key OfText(string text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        return Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length == Bytes && EdwardsPoint.Decode(bytes) is { } key
            ? new(bytes.ToArray(), key)
            : throw new FormatException($"A public key is '{Prefix}' and the base64 of the {Bytes} bytes of a point of Ed25519.");
    }

    public override bool FitsAny(IReadOnlyList<Signature> signatures, in SignedContent content)
    {
        foreach (var signature in signatures)
        {
            if (signature is { IsEd25519: true, Value.Length: 2 * Bytes } && Fits(signature.Value, content))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>[s]B - [k]A is R, of which the signature's first half is the encoding.</summary>
    private bool Fits(byte[] signature, in SignedContent content)
    {
        var s = new BigInteger(signature.AsSpan(Bytes), isUnsigned: true);
        if (s >= EdwardsPoint.Order)
        {
            // The same signature in another spelling (RFC 8032, 5.1.7): one request must not pass as two.
            return false;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(signature.AsSpan(0, Bytes));
        hash.AppendData(_encoded);
        hash.AppendData(content.Before);
        hash.AppendData(content.Body);
        hash.AppendData(content.After);
        var k = new BigInteger(hash.GetHashAndReset(), isUnsigned: true) % EdwardsPoint.Order;
        return Sum(s, k).Encode().AsSpan().SequenceEqual(signature.AsSpan(0, Bytes));
    }

    /// <summary>[s]B + [k](-A), both products in one walk over the bits.</summary>
    private EdwardsPoint Sum(BigInteger s, BigInteger k)
    {
        var sum = EdwardsPoint.Neutral;
        for (var bit = (int)long.Max(s.GetBitLength(), k.GetBitLength()) - 1; bit >= 0; bit--)
        {
            sum = sum.Add(sum);
            var (inS, inK) = (!(s >> bit).IsEven, !(k >> bit).IsEven);
            sum = (inS, inK) switch
            {
                (true, true) => sum.Add(_baseAndNegated),
                (true, false) => sum.Add(EdwardsPoint.Base),
                (false, true) => sum.Add(_negated),
                _ => sum,
            };
        }

        return sum;
    }
}
