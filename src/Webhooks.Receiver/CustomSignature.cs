using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Receiver;

/// <summary>
/// A signature that is an HMAC of the body, or of the body and of what stands around it, in one header. The key is the
/// UTF-8 of the secret. It is the counterpart of the signature scheme <c>custom</c>.
/// </summary>
/// <param name="SignatureHeader">The header that carries it.</param>
public sealed record CustomSignature(string SignatureHeader)
{
    internal static readonly CustomSignature GetStream = new("X-SIGNATURE") { IdHeader = "X-WEBHOOK-ID" };
    internal static readonly CustomSignature GitHub = new("X-Hub-Signature-256") { Prefix = "sha256=", IdHeader = "X-GitHub-Delivery" };
    internal static readonly CustomSignature Shopify = new("X-Shopify-Hmac-Sha256") { IsBase64 = true, IdHeader = "X-Shopify-Webhook-Id" };

    /// <summary>What stands right before the signatures, such as <c>sha256=</c>; what stands before that is skipped, as <c>t=1,</c> in <c>t=1,v1=</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What stands between several signatures; null: there is one.</summary>
    public string? Separator { get; init; }

    /// <summary>Base64 instead of hex.</summary>
    public bool IsBase64 { get; init; }

    /// <summary>SHA-256 or SHA-512.</summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>The header with the id that is the same over retries.</summary>
    public string? IdHeader { get; init; }

    /// <summary>What is signed before the body, made from the headers: <c>headers => $"{headers["X-Time"]}."</c>. Must not throw.</summary>
    public Func<IHeaderDictionary, string>? Before { get; init; }

    /// <summary>What is signed after the body. Must not throw.</summary>
    public Func<IHeaderDictionary, string>? After { get; init; }

    /// <summary>The time that is signed, read from the headers; null from it: unreadable, and the request is refused. Must not throw.</summary>
    public Func<IHeaderDictionary, DateTimeOffset?>? SentAt { get; init; }
}
