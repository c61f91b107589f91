using System.Globalization;
using System.Security.Cryptography;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Signing;

/// <summary>
/// Schemes whose signature is one HMAC-SHA-256 over the body alone. Their verifiers compare the whole header, so it never
/// holds two: of several keys the oldest signs, until it ends.
/// </summary>
internal static class BodySignatures
{
    public const string GetStreamId = "X-WEBHOOK-ID";
    public const string GetStreamAttempt = "X-WEBHOOK-ATTEMPT";
    public const string GetStreamApiKey = "X-API-KEY";
    public const string GetStreamSignature = "X-SIGNATURE";

    public const string GitHubEvent = "X-GitHub-Event";
    public const string GitHubDelivery = "X-GitHub-Delivery";
    public const string GitHubOldSignature = "X-Hub-Signature";
    public const string GitHubSignature = "X-Hub-Signature-256";

    public const string ShopifyTopic = "X-Shopify-Topic";
    public const string ShopifyWebhookId = "X-Shopify-Webhook-Id";
    public const string ShopifyEventId = "X-Shopify-Event-Id";
    public const string ShopifyTriggeredAt = "X-Shopify-Triggered-At";
    public const string ShopifyName = "X-Shopify-Name";
    public const string ShopifySignature = "X-Shopify-Hmac-Sha256";

    public static EquatableArray<Header> GetStream(in SigningInput input)
    {
        var attempt = input.RequireEvent().Attempt.ToString(CultureInfo.InvariantCulture);
        var signature = new Header(GetStreamSignature, Convert.ToHexStringLower(Mac(input)));
        return input.ApiKey is { } key
            ? [new(GetStreamId, input.MessageId), new(GetStreamAttempt, attempt), new(GetStreamApiKey, key), signature]
            : new Header[] { new(GetStreamId, input.MessageId), new(GetStreamAttempt, attempt), signature };
    }

    /// <summary>Both signatures, as GitHub sends them: receivers older than the second one look at the first alone.</summary>
    public static EquatableArray<Header> GitHub(in SigningInput input)
    {
        var e = input.RequireEvent();
        return new Header[]
        {
            new(GitHubEvent, e.Type), new(GitHubDelivery, e.Delivery.Value.ToString()),
            new(GitHubOldSignature, "sha1=" + Convert.ToHexStringLower(OldMac(input))), new(GitHubSignature, "sha256=" + Convert.ToHexStringLower(Mac(input))),
        };
    }

    /// <summary>Receivers drop what they have seen by X-Shopify-Webhook-Id, which is of the delivery: the same over its attempts.</summary>
    public static EquatableArray<Header> Shopify(in SigningInput input)
    {
        var e = input.RequireEvent();
        List<Header> headers =
        [
            new(ShopifyTopic, e.Type), new(ShopifyWebhookId, e.Delivery.Value.ToString()), new(ShopifyEventId, e.Event.Value.ToString()),
            new(ShopifyTriggeredAt, e.Text("emitted_at")),
        ];
        if (input.Label is { Length: > 0 } label && HeaderRules.IsFieldValue(label))
        {
            headers.Add(new(ShopifyName, label));
        }

        headers.Add(new(ShopifySignature, Convert.ToBase64String(Mac(input))));
        return headers.ToArray();
    }

#pragma warning disable CA5350 // What is broken of SHA-1 is that collisions can be found; HMAC does not rest on there being none. The header is GitHub's, and so is its hash.
    private static byte[] OldMac(in SigningInput input) => HMACSHA1.HashData(input.Keys[^1], input.Content);
#pragma warning restore CA5350

    private static byte[] Mac(in SigningInput input) => HMACSHA256.HashData(input.Keys[^1], input.Content);
}
