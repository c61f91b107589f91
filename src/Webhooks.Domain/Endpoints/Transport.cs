using System.Text.Json.Serialization;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>How requests travel to one webhook. What is null is as by default.</summary>
/// <param name="HttpVersion">Null: 1.1.</param>
/// <param name="Compression">Of request bodies. Null: none.</param>
/// <param name="Traceparent">Whether requests carry the W3C header of this name. Null: as the installation has it.</param>
/// <param name="ClientCertificate">Shown to receivers that ask for one.</param>
/// <param name="Ca">PEM of the authorities trusted in place of the system's, the token endpoint's included.</param>
public sealed record Transport(
    HttpVersionChoice? HttpVersion = null,
    BodyCompression? Compression = null,
    bool? Traceparent = null,
    ClientCertificate? ClientCertificate = null,
    string? Ca = null);

/// <param name="Certificate">PEM: the certificate itself first, then those between it and the root, if any.</param>
/// <param name="PrivateKey">PEM, not encrypted but for the sealing.</param>
public sealed record ClientCertificate(string Certificate, SealedSecret PrivateKey);

[JsonConverter(typeof(JsonStringEnumConverter<HttpVersionChoice>))]
public enum HttpVersionChoice
{
    /// <summary>Header names keep their spelling.</summary>
    [JsonStringEnumMemberName("1.1")]
    Http11,

    /// <summary>HTTP/2 where the receiver agrees to it in the TLS handshake, else 1.1.</summary>
    [JsonStringEnumMemberName("2")]
    Http2,
}

[JsonConverter(typeof(JsonStringEnumConverter<BodyCompression>))]
public enum BodyCompression
{
    /// <summary>The signature is over the body before it.</summary>
    [JsonStringEnumMemberName("gzip")]
    Gzip,
}
