using System.Text.Json.Serialization;

namespace Webhooks.Domain.Signing;

/// <summary>How a request proves where it comes from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignatureScheme>))]
public enum SignatureScheme
{
    /// <summary>Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature over id.timestamp.body.</summary>
    [JsonStringEnumMemberName("standard")]
    Standard,

    /// <summary>Streem: Streem-Sent-At, Streem-Signature-Headers, Streem-Signature over chosen headers and the body.</summary>
    [JsonStringEnumMemberName("streem")]
    Streem,
}
