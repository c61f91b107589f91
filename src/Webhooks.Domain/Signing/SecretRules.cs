using System.Buffers;
using System.Text.Unicode;

namespace Webhooks.Domain.Signing;

/// <summary>
/// Which texts may be the shared secret of a webhook. To be asked when a key is added, and for every signing key
/// again when a webhook changes its scheme.
/// </summary>
public static class SecretRules
{
    public const int MaxLength = 500;

    /// <param name="field">The field to name in the refusal, such as <c>shared_secret</c> or <c>signature_scheme</c>.</param>
    /// <returns>Null when the secret is allowed. The refusal never quotes the secret.</returns>
    public static Refusal? Refuse(SignatureScheme scheme, string secret, string field) => scheme switch
    {
        // The verifiers of Standard Webhooks decode base64; any other text would sign what none of them accepts.
        SignatureScheme.Standard or SignatureScheme.Svix => SigningSecret.TryDecode(secret) is not null
            ? null
            : Invalid(field, $"A secret for the schemes 'standard' and 'svix' must be '{SigningSecret.Prefix}' followed by the base64 of {SigningSecret.MinKeyBytes} to {SigningSecret.MaxKeyBytes} bytes, with padding and without white space."),
        SignatureScheme.StandardEd25519 => RefuseKeyPair(secret, field),
        _ => secret.Length is >= 1 and <= MaxLength && !secret.Any(char.IsControl) && HasUtf8(secret)
            ? null
            : Invalid(field, $"A secret for this scheme must be 1 to {MaxLength} characters without control characters."),
    };

    /// <summary>Whether the scheme can sign with it. A webhook of several schemes may hold keys that are only for one of them.</summary>
    public static bool Suits(SignatureScheme scheme, string secret) => Refuse(scheme, secret, "") is null;

    private static Refusal? RefuseKeyPair(string secret, string field) => SigningSecret.TryDecodeKeyPair(secret) switch
    {
        null => Invalid(field, $"A key for the scheme 'standard_ed25519' must be '{SigningSecret.KeyPairPrefix}' followed by the base64 of a seed of {Ed25519.SeedBytes} bytes and its public key of {Ed25519.PublicKeyBytes}, with padding and without white space."),
        _ when !Ed25519.IsAvailable => Refusal.Invalid(field, "signature.ed25519_unavailable", SignatureRules.Ed25519Unavailable),
        var pair when !Ed25519.PublicKeyOf(pair).AsSpan().SequenceEqual(pair.AsSpan(Ed25519.SeedBytes)) => Invalid(field, "The last 32 bytes of this key are not the public key of the first 32."),
        _ => null,
    };

    private static Refusal Invalid(string field, string detail) => Refusal.Invalid(field, "signing_key.secret", detail);

    /// <summary>Half a surrogate pair has no UTF-8 form, so it cannot be part of a key.</summary>
    private static bool HasUtf8(string text)
    {
        Span<byte> utf8 = stackalloc byte[MaxLength * 3];
        return Utf8.FromUtf16(text, utf8, out _, out _, replaceInvalidSequences: false) == OperationStatus.Done;
    }
}
