using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>A signing key on the wire.</summary>
/// <param name="SharedSecret">Null where it is not shown: in lists, to keys that do not manage, and of key pairs always.</param>
/// <param name="ValidUntil">Null while the key is current; once it is rotated out, when it signs no more.</param>
public sealed record SigningKeyAnswer(SigningKeyId Sid, WebhookId WebhookSid, string Label, string? SharedSecret, DateTimeOffset? ValidUntil, DateTimeOffset CreatedAt)
{
    public SigningKeyKind Kind { get; init; }

    /// <summary>Left out where it is for all that it fits.</summary>
    public EquatableArray<SignatureScheme>? Schemes { get; init; }

    /// <summary>Of a key pair, as receivers are given it; null for shared secrets, and in lists.</summary>
    public string? PublicKey { get; init; }

    public const string Example = """{"sid":"sgk_01h455vb4pex5vsknk084sn02r","webhook_sid":"wh_01h455vb4pex5vsknk084sn02q","kind":"shared_secret","label":"Default","created_at":"2026-01-31T12:00:00.000Z"}""";
    public const string ExampleWithSecret = """{"sid":"sgk_01h455vb4pex5vsknk084sn02r","webhook_sid":"wh_01h455vb4pex5vsknk084sn02q","kind":"shared_secret","label":"Default","shared_secret":"whsec_…","created_at":"2026-01-31T12:00:00.000Z"}""";

    internal static SigningKeyAnswer WithoutSecret(SigningKeyView key) => new(key.Id, key.Webhook, key.Label, SharedSecret: null, key.ValidUntil, key.CreatedAt) { Kind = key.Kind, Schemes = Shown(key.Schemes) };

    internal static SigningKeyAnswer WithSecret(SigningKeyView key, SecretSealer sealer) => WithoutSecret(key).Opened(sealer.Open(key.Secret, key.Webhook.ToString()));

    /// <summary>A key that a command has just added.</summary>
    internal static SigningKeyAnswer OfNew(Webhook webhook, SigningKeyId id, WebhookId sid, SecretSealer sealer, DateTimeOffset at)
    {
        var key = webhook.Keys.First(k => k.Id == id);
        return new SigningKeyAnswer(id, sid, key.Label, SharedSecret: null, ValidUntil: null, at) { Kind = key.Kind, Schemes = Shown(key.Schemes) }.Opened(sealer.Open(key.Secret, sid.ToString()));
    }

    private static EquatableArray<SignatureScheme>? Shown(EquatableArray<SignatureScheme> schemes) => schemes.Count == 0 ? default(EquatableArray<SignatureScheme>?) : schemes;

    private SigningKeyAnswer Opened(string secret) =>
        Kind == SigningKeyKind.Ed25519 ? this with { PublicKey = SigningSecret.PublicKeyOf(secret) } : this with { SharedSecret = secret };
}
