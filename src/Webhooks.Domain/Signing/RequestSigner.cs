using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Shaping;

namespace Webhooks.Domain.Signing;

/// <summary>What one request is signed over, and with.</summary>
public readonly ref struct SigningInput
{
    /// <summary>The event's sid, as the header webhook-id carries it.</summary>
    public required string MessageId { get; init; }

    /// <summary>The wall clock just before the request is written; some receivers allow no more than 500 ms.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>The body; for a request without one (GET), the raw query string without its question mark.</summary>
    public required ReadOnlySpan<byte> Content { get; init; }

    /// <summary>All of the customer's headers; the scheme picks the ones it signs.</summary>
    public ReadOnlySpan<OpenedHeader> Headers { get; init; }

    /// <summary>
    /// From <see cref="SigningSecret.KeyBytes"/> for the same scheme, newest first: the order of the signatures. A scheme
    /// that carries one signature takes the last: the oldest key signs until it ends.
    /// </summary>
    public ReadOnlySpan<byte[]> Keys { get; init; }

    /// <summary>The attempt, for schemes that say more in their headers than time and signature; Standard Webhooks, Svix, Streem and Stripe do without.</summary>
    public ShapedEvent? Event { get; init; }

    /// <summary>What GetStream's X-API-KEY says; null: the header is left out.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The webhook's own, which Shopify's X-Shopify-Name says; where it is null or empty or can't stand in a header, that one is left out.</summary>
    public string? Label { get; init; }

    /// <summary>How a custom signature is made; null for every other scheme.</summary>
    public CustomSigner? Custom { get; init; }

    internal ShapedEvent RequireEvent() => Event ?? throw new InvalidOperationException("This scheme's headers speak of the event, and none was given.");
}

/// <summary>The one way by which requests get the headers that depend on the attempt: its time and its signatures.</summary>
public static class RequestSigner
{
    /// <exception cref="ArgumentException">No key; or, for Standard Webhooks and Svix, an empty message id or one holding a dot.</exception>
    /// <exception cref="InvalidOperationException">The scheme asks for more than the input has: the event, or how a custom signature is made.</exception>
    /// <exception cref="Ed25519Exception">The system's OpenSSL is not to be had.</exception>
    public static EquatableArray<Header> Sign(SignatureScheme scheme, in SigningInput input) => scheme switch
    {
        _ when input.Keys.IsEmpty => throw new ArgumentException("A request is signed with at least one key.", nameof(input)),
        SignatureScheme.Standard => StandardWebhooks.Sign(input),
        SignatureScheme.StandardEd25519 => StandardWebhooks.SignWithKeyPairs(input),
        SignatureScheme.Svix => StandardWebhooks.SignAsSvix(input),
        SignatureScheme.Streem => StreemSignature.Sign(input),
        SignatureScheme.GetStream => BodySignatures.GetStream(input),
        SignatureScheme.GitHub => BodySignatures.GitHub(input),
        SignatureScheme.Shopify => BodySignatures.Shopify(input),
        SignatureScheme.Stripe => TimedSignatures.Stripe(input),
        SignatureScheme.Hook0 => TimedSignatures.Hook0(input),
        SignatureScheme.Custom => (input.Custom ?? throw new InvalidOperationException("A custom signature says how it is made, and this one does not.")).Sign(input),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "No signer for this scheme."),
    };
}
