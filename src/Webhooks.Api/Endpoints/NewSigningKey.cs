using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>A signing key on its way to a webhook: the caller's own secret, or one made here.</summary>
internal sealed record NewSigningKey(SigningKeyId Id, string? Label, string Secret, bool IsGivenSecret)
{
    /// <summary>The members of an example body, without its braces.</summary>
    public const string BodyFields = "\"shared_secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=\",\"label\":\"Second\"";

    public static readonly FieldDoc[] Fields =
    [
        Documentation.Optional("shared_secret", $"For the scheme standard whsec_ and the base64 of {SigningSecret.MinKeyBytes} to {SigningSecret.MaxKeyBytes} bytes, for streem any text of 1 to {SecretRules.MaxLength} characters. Left out, one is made that fits both."),
        Documentation.Optional("label", $"For people: at most {WebhookTarget.MaxLabelLength} characters."),
    ];

    public static NewSigningKey Read(Fields body)
    {
        var secret = body.OptionalString("shared_secret", 1, SecretRules.MaxLength);
        var label = body.OptionalString("label", 0, WebhookTarget.MaxLabelLength);
        return new(new SigningKeyId(Guid.CreateVersion7()), label, secret ?? CreateWebhook.NewSecret(), secret is not null);
    }

    /// <summary>Null when the webhook's scheme can sign with it.</summary>
    public Refusal? RefuseFor(Webhook webhook) =>
        IsGivenSecret && webhook.Configuration is { } configuration ? SecretRules.Refuse(configuration.SignatureScheme, Secret, "shared_secret") : null;

    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => Id.ToString();
}
