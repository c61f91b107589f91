using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Webhooks.Api.Http;

public enum JwtVerdict
{
    Valid,

    /// <summary>Signed with another secret, or changed since.</summary>
    WrongSignature,
    Expired,

    /// <summary>Its <c>nbf</c> lies ahead.</summary>
    NotYetValid,
}

/// <summary>
/// A JSON Web Token in its compact form (RFC 7519), of which HS256 is the one algorithm: a token that could choose another
/// one, or none, would choose how it is judged. What it says counts for nothing until <see cref="Judge"/> found it valid.
/// </summary>
/// <param name="KeyId">The header's <c>kid</c>; null when there is none.</param>
/// <param name="Issuer">The claim <c>iss</c>; null when there is none.</param>
/// <param name="IsServer">
/// A backend's with GetStream: the claim <c>server</c> is true; or there are no claims but times, its end among them, as
/// GetStream's client for .NET has it. The tokens of its end users name them, or a feed.
/// </param>
public sealed record Jwt(string? KeyId, string? Issuer, bool IsServer)
{
    /// <summary>In characters.</summary>
    public const int MaxLength = 4096;

    private static readonly string[] Times = ["iat", "nbf", "exp"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private string SignedText { get; init; } = "";
    private byte[] Signature { get; init; } = [];
    private double? ExpiresAt { get; init; }
    private double? NotBefore { get; init; }

    /// <summary>Whether the text begins as a token does, so that it is no other credential: three parts, the first of them a JSON object.</summary>
    public static bool IsOne(ReadOnlySpan<char> text) =>
        text.StartsWith("ey", StringComparison.Ordinal) && text.Count('.') == 2;

    /// <summary>Null when it is no token that could ever be valid here: malformed, of another algorithm, or with extensions that must be understood.</summary>
    public static Jwt? Read(string text)
    {
        if (text.Length > MaxLength || text.Split('.') is not [var header, var payload, var signature]
            || !Base64Url.IsValid(header) || !Base64Url.IsValid(payload) || !Base64Url.IsValid(signature))
        {
            return null;
        }

        try
        {
            using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(header), Strict);
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload), Strict);
            return Read(head.RootElement, claims.RootElement) is { } token
                ? token with { SignedText = text[..(header.Length + 1 + payload.Length)], Signature = Base64Url.DecodeFromChars(signature) }
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // Not JSON, bits after the last byte, or a lone surrogate: whoever wrote that wrote no token.
            return null;
        }
    }

    /// <summary>The signature first: of a token that somebody else made, nothing is told.</summary>
    /// <param name="secret">Its UTF-8 bytes are the key.</param>
    /// <param name="now">To be before <c>exp</c> and not before <c>nbf</c>, where the token has them; no allowance is made.</param>
    public JwtVerdict Judge(string secret, DateTimeOffset now)
    {
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(SignedText), expected);
        var seconds = now.ToUnixTimeMilliseconds() / 1000d;
        return !CryptographicOperations.FixedTimeEquals(expected, Signature) ? JwtVerdict.WrongSignature
            : seconds >= ExpiresAt ? JwtVerdict.Expired
            : seconds < NotBefore ? JwtVerdict.NotYetValid
            : JwtVerdict.Valid;
    }

    /// <summary>Keeps the signature, which is as good as the token, out of logs.</summary>
    public override string ToString() => "[token]";

    private static Jwt? Read(JsonElement header, JsonElement claims)
    {
        if (header.ValueKind != JsonValueKind.Object || claims.ValueKind != JsonValueKind.Object
            || !header.TryGetProperty("alg", out var algorithm) || !algorithm.ValueEquals("HS256") || header.TryGetProperty("crit", out _))
        {
            return null;
        }

        var readable = TryText(header, "kid", out var keyId) & TryText(claims, "iss", out var issuer)
            & TryTime(claims, "exp", out var expiresAt) & TryTime(claims, "nbf", out var notBefore);
        var isServer = claims.TryGetProperty("server", out var server)
            ? server.ValueKind == JsonValueKind.True
            : expiresAt is not null && claims.EnumerateObject().All(claim => Times.Contains(claim.Name));
        return readable ? new Jwt(keyId, issuer, isServer) { ExpiresAt = expiresAt, NotBefore = notBefore } : null;
    }

    private static bool TryText(JsonElement json, string name, out string? text)
    {
        text = null;
        if (!json.TryGetProperty(name, out var value))
        {
            return true;
        }

        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is not null;
    }

    /// <param name="time">Seconds since 1970, fractions allowed.</param>
    private static bool TryTime(JsonElement json, string name, out double? time)
    {
        time = null;
        if (!json.TryGetProperty(name, out var value))
        {
            return true;
        }

        time = value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && double.IsFinite(seconds) ? seconds : null;
        return time is not null;
    }
}
