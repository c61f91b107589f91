using System.Text.Json.Serialization;

namespace Webhooks.Domain.Signing;

/// <summary>What a signing key is made of, which says which schemes it signs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SigningKeyKind>))]
public enum SigningKeyKind
{
    /// <summary>A text that sender and receiver know: for every scheme that is an HMAC.</summary>
    [JsonStringEnumMemberName("shared_secret")]
    SharedSecret,

    /// <summary>A key pair, <c>whsk_…</c>, whose public half anybody may know: for <see cref="SignatureScheme.StandardEd25519"/> alone.</summary>
    [JsonStringEnumMemberName("ed25519")]
    Ed25519,
}
