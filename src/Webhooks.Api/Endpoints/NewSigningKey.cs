using System.Security.Cryptography;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>A signing key on its way to a webhook: the caller's own secret, or one made here.</summary>
/// <param name="Given">Null: one is made, of <paramref name="Kind"/>.</param>
/// <param name="Schemes">As of <see cref="SigningKey.Schemes"/>.</param>
internal sealed record NewSigningKey(SigningKeyId Id, string? Label, SigningKeyKind? Kind, string? Given, EquatableArray<SignatureScheme> Schemes)
{
    /// <summary>A command is decided again after a conflict: with the same secret.</summary>
    private (SigningKeyKind Kind, string Secret)? _made;

    /// <summary>The members of an example body, without its braces.</summary>
    public const string BodyFields = "\"kind\":\"shared_secret\",\"shared_secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=\",\"label\":\"Second\",\"schemes\":[\"standard\"]";

    public static readonly FieldDoc[] Fields =
    [
        Documentation.Optional("kind", "shared_secret, or ed25519: a key pair for the scheme standard_ed25519, whose public half is at …/public-keys. Left out, what the given secret is, or what the webhook's first signature is made with."),
        Documentation.Optional("shared_secret", $"For the schemes standard and svix {SigningSecret.Prefix} and the base64 of {SigningSecret.MinKeyBytes} to {SigningSecret.MaxKeyBytes} bytes; for standard_ed25519 {SigningSecret.KeyPairPrefix} and the base64 of seed and public key, 64 bytes; for the others any text of 1 to {SecretRules.MaxLength} characters. Left out, one is made that fits."),
        Documentation.Optional("schemes", "The schemes that it is for, where the webhook has several and it is not for all of them: [\"github\"]. Schemes that carry one signature take such a key before others. Left out, all that it fits."),
        Documentation.Optional("label", $"For people: at most {WebhookTarget.MaxLabelLength} characters."),
    ];

    public static NewSigningKey Read(Fields body)
    {
        var kind = body.OptionalEnum<SigningKeyKind>("kind");
        var secret = body.OptionalString("shared_secret", 1, SecretRules.MaxLength);
        var label = body.OptionalString("label", 0, WebhookTarget.MaxLabelLength);
        if (kind is not null && secret is not null && kind != SigningSecret.KindOf(secret))
        {
            body.Refuse("kind", "signing_key.kind", $"Secrets of the kind ed25519, and no others, begin with {SigningSecret.KeyPairPrefix}.");
        }

        var schemes = body.Presence("schemes") == Presence.Value ? body.Enums<SignatureScheme>("schemes", WebhookConfiguration.MaxSignatures).Distinct().ToArray() : [];
        kind ??= secret is not null ? SigningSecret.KindOf(secret) : schemes.Length > 0 ? SigningSecret.KindFor(schemes[0]) : null;
        foreach (var other in schemes.Where(s => SigningSecret.KindFor(s) != kind))
        {
            body.Refuse("schemes", "signing_key.schemes", $"{EnumNames<SignatureScheme>.Of(other)} signs with a key of another kind.");
        }

        return new(new SigningKeyId(Guid.CreateVersion7()), label, kind, secret, schemes);
    }

    /// <summary>Decides it for a webhook: a refusal where none of the webhook's schemes could sign with it.</summary>
    public (SigningKeyKind Kind, string Secret, Refusal? Refusal) For(Webhook webhook)
    {
        var schemes = webhook.Configuration?.SignedWith.Select(s => s.Scheme).ToList() ?? [];
        var kind = Kind ?? (schemes.Count == 0 ? SigningKeyKind.SharedSecret : SigningSecret.KindFor(schemes[0]));
        if (Given is null)
        {
            return kind == SigningKeyKind.Ed25519 && !Ed25519.IsAvailable
                ? (kind, "", Refusal.Invalid("kind", "signature.ed25519_unavailable", SignatureRules.Ed25519Unavailable))
                : (kind, MadeOnce(kind), null);
        }

        // A key pair may come before the signature that needs it; it signs nothing until then.
        IEnumerable<SignatureScheme> judges = Schemes.Count > 0 ? Schemes
            : kind == SigningKeyKind.Ed25519 ? [SignatureScheme.StandardEd25519]
            : schemes.Where(s => SigningSecret.KindFor(s) == kind);
        var refusal = judges.Select(s => SecretRules.Refuse(s, Given, "shared_secret")).FirstOrDefault(refusal => refusal is not null);
        return (kind, Given, refusal is not null && Schemes.Count == 0 && schemes.Count > 1 ? refusal with { Detail = $"{refusal.Detail} Where it is not for every scheme of the webhook, name those that it is for in schemes." } : refusal);
    }

    private string MadeOnce(SigningKeyKind kind)
    {
        _made = _made is { } made && made.Kind == kind ? made : (kind, Make(kind));
        return _made.Value.Secret;
    }

    /// <summary>A new secret, fit for every scheme of its kind.</summary>
    /// <exception cref="Ed25519Exception">A key pair is asked for, and the system has no OpenSSL 3.</exception>
    public static string Make(SigningKeyKind kind)
    {
        var random = RandomNumberGenerator.GetBytes(SigningSecret.GeneratedKeyBytes);
        return kind == SigningKeyKind.Ed25519 ? SigningSecret.KeyPairFromRandom(random) : SigningSecret.FromRandom(random);
    }

    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => Id.ToString();
}
