using System.Text;

namespace Webhooks.Domain.Signing;

/// <summary>
/// The text of a secret and the key it stands for. Standard Webhooks and Svix decode <c>whsec_</c> and base64; the other
/// schemes that share a secret take the UTF-8 bytes of the whole text, prefix, spaces and all. So one text may serve them
/// all, with different keys. Key pairs are <c>whsk_</c> and the base64 of seed and public half.
/// </summary>
public static class SigningSecret
{
    public const string Prefix = "whsec_";
    public const string KeyPairPrefix = "whsk_";
    public const string PublicKeyPrefix = "whpk_";
    public const int MinKeyBytes = 24;
    public const int MaxKeyBytes = 64;

    /// <summary>What a secret made by us is drawn from, in bytes.</summary>
    public const int GeneratedKeyBytes = 32;

    /// <summary>The text form of random bytes; fit for every scheme.</summary>
    /// <param name="random">24 to 64 bytes; for secrets of ours <see cref="GeneratedKeyBytes"/>.</param>
    public static string FromRandom(ReadOnlySpan<byte> random) =>
        random.Length is >= MinKeyBytes and <= MaxKeyBytes
            ? Prefix + Convert.ToBase64String(random)
            : throw new ArgumentException($"A signing key has {MinKeyBytes} to {MaxKeyBytes} bytes.", nameof(random));

    /// <summary>The text form of a new key pair.</summary>
    /// <param name="seed">32 random bytes.</param>
    /// <exception cref="Ed25519Exception">The system has no OpenSSL 3.</exception>
    public static string KeyPairFromRandom(ReadOnlySpan<byte> seed) => KeyPairPrefix + Convert.ToBase64String([.. seed, .. Ed25519.PublicKeyOf(seed)]);

    /// <summary>The text form of a key pair's public half: <c>whpk_</c> and the base64 of 32 bytes.</summary>
    /// <exception cref="FormatException">Not the text of a key pair.</exception>
    public static string PublicKeyOf(string keyPair) => PublicKeyPrefix + Convert.ToBase64String(KeyBytes(SignatureScheme.StandardEd25519, keyPair).AsSpan(Ed25519.SeedBytes));

    /// <summary>What a secret is, by its beginning.</summary>
    public static SigningKeyKind KindOf(string text) => text.StartsWith(KeyPairPrefix, StringComparison.Ordinal) ? SigningKeyKind.Ed25519 : SigningKeyKind.SharedSecret;

    /// <summary>Which keys a scheme signs with.</summary>
    public static SigningKeyKind KindFor(SignatureScheme scheme) => scheme == SignatureScheme.StandardEd25519 ? SigningKeyKind.Ed25519 : SigningKeyKind.SharedSecret;

    /// <summary>The key to sign with; made once per key, not per request.</summary>
    /// <exception cref="FormatException">The text is none that <see cref="SecretRules"/> allows for this scheme.</exception>
    public static byte[] KeyBytes(SignatureScheme scheme, string text) => scheme switch
    {
        SignatureScheme.Standard or SignatureScheme.Svix => TryDecode(text)
            ?? throw new FormatException($"A secret of Standard Webhooks is {Prefix} followed by the base64 of {MinKeyBytes} to {MaxKeyBytes} bytes."),
        SignatureScheme.StandardEd25519 => TryDecodeKeyPair(text)
            ?? throw new FormatException($"A key pair is {KeyPairPrefix} followed by the base64 of a seed of {Ed25519.SeedBytes} bytes and its public key of {Ed25519.PublicKeyBytes}."),
        _ => Encoding.UTF8.GetBytes(text),
    };

    /// <summary>
    /// Null unless the text is the one canonical spelling of its bytes: decoders disagree about missing padding,
    /// white space and stray bits, and a secret on which two of them differ would sign what nobody can verify.
    /// </summary>
    internal static byte[]? TryDecode(string text) => TryDecode(text, Prefix, MinKeyBytes);

    /// <summary>Null unless it is the canonical spelling of 64 bytes; whether the halves belong together is not asked.</summary>
    internal static byte[]? TryDecodeKeyPair(string text) => TryDecode(text, KeyPairPrefix, Ed25519.SeedBytes + Ed25519.PublicKeyBytes);

    private static byte[]? TryDecode(string text, string prefix, int min)
    {
        Span<byte> key = stackalloc byte[MaxKeyBytes];
        return text.StartsWith(prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[prefix.Length..], key, out var length)
            && length >= min
            && Convert.ToBase64String(key[..length]).AsSpan().SequenceEqual(text.AsSpan(prefix.Length))
                ? key[..length].ToArray()
                : null;
    }
}
