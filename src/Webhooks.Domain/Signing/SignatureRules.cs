using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Signing;

/// <summary>Which signatures a webhook may carry together, and beside which headers of its own.</summary>
public static class SignatureRules
{
    public const string Ed25519Unavailable = $"Ed25519 needs OpenSSL 3 ({LibCrypto.Name}) on the system that the service runs on; it is not there.";

    private static readonly string[] StandardHeaders = [StandardWebhooks.TimestampHeader, StandardWebhooks.SignatureHeader];

    /// <param name="field">The list's field, such as <c>signatures</c>.</param>
    /// <param name="headers">Names of the customer's own.</param>
    /// <returns>The first rule broken; null when there is none.</returns>
    public static Refusal? Refuse(IReadOnlyList<SignatureSettings> signatures, IReadOnlyList<string> headers, string field)
    {
        if (signatures.Count is 0 or > WebhookConfiguration.MaxSignatures)
        {
            return Refusal.Invalid(field, "signature.count", $"Must hold 1 to {WebhookConfiguration.MaxSignatures} signatures.");
        }

        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < signatures.Count; i++)
        {
            var scheme = signatures[i].Scheme;
            if (scheme != SignatureScheme.Custom && signatures.Take(i).Any(s => s.Scheme == scheme))
            {
                return Refusal.Invalid($"{field}[{i}].scheme", "signature.duplicate", "Every scheme but custom may stand once; several keys give several signatures.");
            }

            if ((RefuseOne(signatures[i], $"{field}[{i}]") ?? RefuseHeaders(signatures[i], taken, headers, $"{field}[{i}]")) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <returns>The rule that the method breaks beside the signatures; null when there is none.</returns>
    public static Refusal? RefuseMethod(IEnumerable<SignatureSettings> signatures, string method) =>
        method == "GET" && signatures.Any(s => s.Scheme == SignatureScheme.GetStream)
            ? Refusal.Invalid("method", "signature.method", "X-SIGNATURE stands for a body, and GET has none: choose POST, or another signature.")
            : null;

    /// <summary>The headers that a signature sets, as they are spelled on the wire.</summary>
    public static IReadOnlyList<string> HeadersOf(SignatureSettings signature) => signature.Scheme switch
    {
        SignatureScheme.Standard or SignatureScheme.StandardEd25519 => StandardHeaders,
        SignatureScheme.Svix => [StandardWebhooks.SvixIdHeader, StandardWebhooks.SvixTimestampHeader, StandardWebhooks.SvixSignatureHeader],
        SignatureScheme.Streem => [StreemSignature.SentAtHeader, StreemSignature.SignatureHeadersHeader, StreemSignature.SignatureHeader],
        SignatureScheme.GetStream => [BodySignatures.GetStreamId, BodySignatures.GetStreamAttempt, BodySignatures.GetStreamApiKey, BodySignatures.GetStreamSignature],
        SignatureScheme.GitHub => [BodySignatures.GitHubEvent, BodySignatures.GitHubDelivery, BodySignatures.GitHubOldSignature, BodySignatures.GitHubSignature],
        SignatureScheme.Shopify =>
        [
            BodySignatures.ShopifyTopic, BodySignatures.ShopifyWebhookId, BodySignatures.ShopifyEventId,
            BodySignatures.ShopifyTriggeredAt, BodySignatures.ShopifyName, BodySignatures.ShopifySignature,
        ],
        SignatureScheme.Stripe => [TimedSignatures.StripeSignature],
        SignatureScheme.Hook0 => [TimedSignatures.Hook0EventId, TimedSignatures.Hook0EventType, TimedSignatures.Hook0Signature],
        SignatureScheme.Custom => signature.Custom is { } custom ? [.. custom.Headers.Select(h => h.Name), custom.SignatureHeader] : [],
        _ => throw new ArgumentOutOfRangeException(nameof(signature), signature.Scheme, "No headers are known of this scheme."),
    };

    private static Refusal? RefuseOne(SignatureSettings signature, string field) => signature switch
    {
        { Scheme: SignatureScheme.Custom, Custom: null } => Refusal.Invalid($"{field}.custom", "field.required", "Says how a custom signature is made, and is required with it."),
        { Scheme: SignatureScheme.Custom, Custom: { } custom } => CustomSignatureRules.Refuse(custom, $"{field}.custom"),
        { Custom: not null } => Refusal.Invalid($"{field}.custom", "signature.custom", "Belongs to the scheme custom alone."),
        { Scheme: SignatureScheme.StandardEd25519 } when !Ed25519.IsAvailable => Refusal.Invalid($"{field}.scheme", "signature.ed25519_unavailable", Ed25519Unavailable),
        _ => null,
    };

    private static Refusal? RefuseHeaders(SignatureSettings signature, HashSet<string> taken, IReadOnlyList<string> headers, string field)
    {
        foreach (var name in HeadersOf(signature))
        {
            if (headers.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return Refusal.Invalid("headers", "header.reserved", $"{name} is set by the signature scheme; choose another name.");
            }

            // v1 and v1a share one time, and stand side by side in one list.
            if (!taken.Add(name) && !StandardHeaders.Contains(name))
            {
                return Refusal.Invalid(field, "signature.same_header", $"Another signature sets the header {name} too.");
            }
        }

        return null;
    }
}
