using Webhooks.Domain;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>A signing key on the wire.</summary>
/// <param name="SharedSecret">Null where it is not shown: in lists, and to keys that do not manage.</param>
/// <param name="ValidUntil">Null while the key is current; once it is rotated out, when it signs no more.</param>
public sealed record SigningKeyAnswer(SigningKeyId Sid, WebhookId WebhookSid, string Label, string? SharedSecret, DateTimeOffset? ValidUntil, DateTimeOffset CreatedAt)
{
    public const string Example = """{"sid":"sgk_01h455vb4pex5vsknk084sn02r","webhook_sid":"wh_01h455vb4pex5vsknk084sn02q","label":"Default","created_at":"2026-01-31T12:00:00.000Z"}""";
    public const string ExampleWithSecret = """{"sid":"sgk_01h455vb4pex5vsknk084sn02r","webhook_sid":"wh_01h455vb4pex5vsknk084sn02q","label":"Default","shared_secret":"whsec_…","created_at":"2026-01-31T12:00:00.000Z"}""";

    internal static SigningKeyAnswer WithoutSecret(SigningKeyView key) => new(key.Id, key.Webhook, key.Label, SharedSecret: null, key.ValidUntil, key.CreatedAt);

    internal static SigningKeyAnswer WithSecret(SigningKeyView key, SecretSealer sealer) =>
        WithoutSecret(key) with { SharedSecret = sealer.Open(key.Secret, key.Webhook.ToString()) };
}
