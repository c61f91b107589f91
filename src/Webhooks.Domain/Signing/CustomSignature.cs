using System.Text.Json.Serialization;

namespace Webhooks.Domain.Signing;

/// <summary>
/// A signature as some receiver expects it that none of the schemes serves: an HMAC over a text of the webhook's choice, in a header of its choice.
/// The key is the UTF-8 of the secret.
/// </summary>
/// <param name="SignatureHeader">The header that carries it.</param>
/// <param name="Content">What is signed: a template (<see cref="SignatureTemplate"/>) that holds <c>{{body}}</c> once.</param>
public sealed record CustomSignature(string SignatureHeader, string Content)
{
    /// <summary>A template of what stands before the signature: <c>sha256=</c>, <c>t={{timestamp}},v1=</c>.</summary>
    public string? Prefix { get; init; }

    /// <summary>What stands between the signatures of several keys; null: one signature alone, of the oldest key that signs.</summary>
    public string? Separator { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SignatureHash Hash { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SignatureEncoding Encoding { get; init; }

    /// <summary>Further headers whose values are templates, such as one with the time.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EquatableArray<TemplateHeader> Headers { get; init; }
}

/// <param name="Value">A template (<see cref="SignatureTemplate"/>) without <c>{{body}}</c>.</param>
public sealed record TemplateHeader(string Name, string Value);

[JsonConverter(typeof(JsonStringEnumConverter<SignatureHash>))]
public enum SignatureHash
{
    [JsonStringEnumMemberName("sha256")]
    Sha256,

    [JsonStringEnumMemberName("sha512")]
    Sha512,
}

[JsonConverter(typeof(JsonStringEnumConverter<SignatureEncoding>))]
public enum SignatureEncoding
{
    /// <summary>Lower-case.</summary>
    [JsonStringEnumMemberName("hex")]
    Hex,

    /// <summary>With padding.</summary>
    [JsonStringEnumMemberName("base64")]
    Base64,
}
