using System.Text.Json.Serialization;

namespace Webhooks.Domain.Signing;

/// <summary>How a request proves where it comes from. What each one adds to a request stands in docs/signatures.md.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignatureScheme>))]
public enum SignatureScheme
{
    /// <summary>Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature over id.timestamp.body.</summary>
    [JsonStringEnumMemberName("standard")]
    Standard,

    /// <summary>Streem: Streem-Sent-At, Streem-Signature-Headers, Streem-Signature over chosen headers and the body.</summary>
    [JsonStringEnumMemberName("streem")]
    Streem,

    /// <summary>Standard Webhooks with a key pair: v1a in webhook-signature, so that receivers hold no secret.</summary>
    [JsonStringEnumMemberName("standard_ed25519")]
    StandardEd25519,

    /// <summary>Standard Webhooks by the header names of Svix: svix-id, svix-timestamp, svix-signature.</summary>
    [JsonStringEnumMemberName("svix")]
    Svix,

    /// <summary>GetStream: X-SIGNATURE over the body, beside X-WEBHOOK-ID, X-WEBHOOK-ATTEMPT and X-API-KEY.</summary>
    [JsonStringEnumMemberName("getstream")]
    GetStream,

    /// <summary>Stripe: Stripe-Signature, t=…,v1=… over time and body.</summary>
    [JsonStringEnumMemberName("stripe")]
    Stripe,

    /// <summary>GitHub: X-Hub-Signature-256 over the body, beside X-GitHub-Event and X-GitHub-Delivery.</summary>
    [JsonStringEnumMemberName("github")]
    GitHub,

    /// <summary>Shopify: X-Shopify-Hmac-Sha256 over the body, beside X-Shopify-Topic and others.</summary>
    [JsonStringEnumMemberName("shopify")]
    Shopify,

    /// <summary>Hook0: X-Hook0-Signature, t=…,h=…,v1=… over time, chosen headers and body.</summary>
    [JsonStringEnumMemberName("hook0")]
    Hook0,

    /// <summary>As <see cref="CustomSignature"/> says.</summary>
    [JsonStringEnumMemberName("custom")]
    Custom,
}
