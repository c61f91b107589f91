using Webhooks.Receiver.Keys;

namespace Webhooks.Receiver.Schemes;

/// <summary>Where a way of signing has its parts in a request. It judges nothing: <see cref="WebhookVerifier"/> does.</summary>
internal abstract class Scheme
{
    /// <summary>Of one request; further ones are not looked at, so that nobody makes us calculate for long.</summary>
    public const int MaxSignatures = 16;

    /// <summary>Of signed headers in one request. The service signs 52 at most: 50 of the webhook's own and two of the scheme.</summary>
    public const int MaxNames = 64;

    public abstract string SignatureHeader { get; }

    public virtual TimeSpan Tolerance => TimeSpan.FromMinutes(5);

    /// <exception cref="FormatException">No key of this scheme. The message does not quote it.</exception>
    public virtual VerificationKey Key(string text) => HmacKey.OfText(text);

    /// <returns>What the request says; of no meaning where the reader has found a fault.</returns>
    public abstract SignedRequest Read(HeaderReader headers);
}

/// <summary>What a request says about itself, none of it believed yet.</summary>
/// <param name="Before">What is signed before the content. Asked for once the time was found right; may find a fault then.</param>
/// <param name="Signatures">Those of a form that could fit.</param>
internal sealed record SignedRequest(Func<string> Before, IReadOnlyList<Signature> Signatures)
{
    public Func<string> After { get; init; } = static () => "";
    public string? Id { get; init; }
    public DateTimeOffset? SentAt { get; init; }
    public string? TimeHeader { get; init; }
}

/// <param name="IsEd25519">Made with a private key; else an HMAC.</param>
internal readonly record struct Signature(bool IsEd25519, byte[] Value);

/// <summary>The text that is signed, in its parts, so that no body is copied.</summary>
internal readonly ref struct SignedContent(ReadOnlySpan<byte> before, ReadOnlySpan<byte> body, ReadOnlySpan<byte> after)
{
    public ReadOnlySpan<byte> Before { get; } = before;
    public ReadOnlySpan<byte> Body { get; } = body;
    public ReadOnlySpan<byte> After { get; } = after;
}
