using System.Security.Cryptography;
using System.Text;
using Webhooks.Receiver.Schemes;

namespace Webhooks.Receiver.Keys;

/// <summary>A secret that sender and receiver share.</summary>
internal sealed class HmacKey : VerificationKey
{
    private const string StandardPrefix = "whsec_";
    private const int MinStandardBytes = 24;
    private const int MaxStandardBytes = 64;

    private readonly byte[] _key;
    private readonly HashAlgorithmName _hash;

    private HmacKey(byte[] key, HashAlgorithmName hash)
        : base(key) => (_key, _hash) = (key, hash);

    /// <summary>The text as it stands: what looks like base64 is not decoded.</summary>
    public static HmacKey OfText(string text) => OfText(text, HashAlgorithmName.SHA256);

    public static HmacKey OfText(string text, HashAlgorithmName hash) => new(Encoding.UTF8.GetBytes(text), hash);

    /// <exception cref="FormatException">Not <c>whsec_</c> and the base64 of 24 to 64 bytes. The message does not quote it.</exception>
    public static HmacKey OfStandardSecret(string text)
    {
        Span<byte> key = stackalloc byte[MaxStandardBytes];
        return text.StartsWith(StandardPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[StandardPrefix.Length..], key, out var length)
            && length >= MinStandardBytes
                ? new(key[..length].ToArray(), HashAlgorithmName.SHA256)
                : throw new FormatException($"A key is '{StandardPrefix}' and the base64 of {MinStandardBytes} to {MaxStandardBytes} bytes, or '{Ed25519Key.Prefix}' and the base64 of {Ed25519Key.Bytes} bytes.");
    }

    public override bool FitsAny(IReadOnlyList<Signature> signatures, in SignedContent content)
    {
        using var hmac = IncrementalHash.CreateHMAC(_hash, _key);
        hmac.AppendData(content.Before);
        hmac.AppendData(content.Body);
        hmac.AppendData(content.After);
        var expected = hmac.GetHashAndReset();

        // In constant time: a comparison that ends at the first difference tells how far a guess is right.
        var fits = false;
        foreach (var signature in signatures)
        {
            fits |= !signature.IsEd25519 && CryptographicOperations.FixedTimeEquals(signature.Value, expected);
        }

        return fits;
    }
}
