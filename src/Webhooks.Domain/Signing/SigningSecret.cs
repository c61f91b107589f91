using System.Text;

namespace Webhooks.Domain.Signing;

/// <summary>
/// The text of a shared secret and the key it stands for. Standard Webhooks decodes <c>whsec_</c> and base64; Streem
/// takes the UTF-8 bytes of the whole text, spaces and all. So one text may serve both schemes, with different keys.
/// </summary>
public static class SigningSecret
{
    public const string Prefix = "whsec_";
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

    /// <summary>The key to sign with; made once per key, not per request.</summary>
    /// <exception cref="FormatException">The text is none that <see cref="SecretRules"/> allows for this scheme.</exception>
    public static byte[] KeyBytes(SignatureScheme scheme, string text) => scheme switch
    {
        SignatureScheme.Standard => TryDecode(text) ?? throw new FormatException($"A secret of the scheme 'standard' is {Prefix} followed by the base64 of {MinKeyBytes} to {MaxKeyBytes} bytes."),
        SignatureScheme.Streem => Encoding.UTF8.GetBytes(text),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "No key rule for this scheme."),
    };

    /// <summary>
    /// Null unless the text is the one canonical spelling of its bytes: decoders disagree about missing padding,
    /// white space and stray bits, and a secret on which two of them differ would sign what nobody can verify.
    /// </summary>
    internal static byte[]? TryDecode(string text)
    {
        Span<byte> key = stackalloc byte[MaxKeyBytes];
        return text.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text[Prefix.Length..], key, out var length)
            && length >= MinKeyBytes
            && Convert.ToBase64String(key[..length]).AsSpan().SequenceEqual(text.AsSpan(Prefix.Length))
                ? key[..length].ToArray()
                : null;
    }
}
