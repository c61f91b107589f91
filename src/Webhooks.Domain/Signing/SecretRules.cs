using System.Buffers;
using System.Text.Unicode;

namespace Webhooks.Domain.Signing;

/// <summary>
/// Which texts may be the shared secret of a webhook. To be asked when a key is added, and for every signing key
/// again when a webhook changes its scheme.
/// </summary>
public static class SecretRules
{
    public const int MaxStreemLength = 500;

    /// <param name="field">The field to name in the refusal, such as <c>shared_secret</c> or <c>signature_scheme</c>.</param>
    /// <returns>Null when the secret is allowed. The refusal never quotes the secret.</returns>
    public static Refusal? Refuse(SignatureScheme scheme, string secret, string field) => scheme switch
    {
        // The verifiers of Standard Webhooks decode base64; any other text would sign what none of them accepts.
        SignatureScheme.Standard => SigningSecret.TryDecode(secret) is not null
            ? null
            : Refusal.Invalid(field, "signing_key.secret", $"A secret for the scheme 'standard' must be '{SigningSecret.Prefix}' followed by the base64 of {SigningSecret.MinKeyBytes} to {SigningSecret.MaxKeyBytes} bytes, with padding and without white space."),
        SignatureScheme.Streem => secret.Length is >= 1 and <= MaxStreemLength && !secret.Any(char.IsControl) && HasUtf8(secret)
            ? null
            : Refusal.Invalid(field, "signing_key.secret", $"A secret for the scheme 'streem' must be 1 to {MaxStreemLength} characters without control characters."),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "No secret rule for this scheme."),
    };

    /// <summary>Half a surrogate pair has no UTF-8 form, so it cannot be part of a key.</summary>
    private static bool HasUtf8(string text)
    {
        Span<byte> utf8 = stackalloc byte[MaxStreemLength * 3];
        return Utf8.FromUtf16(text, utf8, out _, out _, replaceInvalidSequences: false) == OperationStatus.Done;
    }
}
