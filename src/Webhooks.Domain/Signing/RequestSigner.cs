using Webhooks.Domain.Deliveries;

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

    /// <summary>From <see cref="SigningSecret.KeyBytes"/> for the same scheme, newest first: the order of the signatures.</summary>
    public required ReadOnlySpan<byte[]> Keys { get; init; }
}

/// <summary>The one way by which requests get the headers that depend on the attempt: its time and its signatures.</summary>
public static class RequestSigner
{
    /// <exception cref="ArgumentException">No key; or, for Standard Webhooks, an empty message id or one holding a dot.</exception>
    public static EquatableArray<Header> Sign(SignatureScheme scheme, in SigningInput input) => scheme switch
    {
        _ when input.Keys.IsEmpty => throw new ArgumentException("A request is signed with at least one key.", nameof(input)),
        SignatureScheme.Standard => StandardWebhooks.Sign(input),
        SignatureScheme.Streem => StreemSignature.Sign(input),
        _ => throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "No signer for this scheme."),
    };
}
