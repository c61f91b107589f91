namespace Webhooks.Receiver;

/// <summary>What became of a request's verification.</summary>
/// <param name="Fault">Why it is not genuine; null when it is.</param>
public sealed record Verification(WebhookFault? Fault)
{
    public bool IsGenuine => Fault is null;

    /// <summary>The header that the fault lies in.</summary>
    public string? Header { get; init; }

    /// <summary>
    /// The sender's id of what it tells, the same over retries; null without one. Only Standard Webhooks and Svix sign
    /// it: with every other scheme a header is all that vouches for it.
    /// </summary>
    public string? Id { get; init; }

    /// <summary>The time that was signed; null where the scheme signs none.</summary>
    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>Why a request is not genuine.</summary>
public enum WebhookFault
{
    /// <summary>A header that the scheme needs, or that is named as signed, is not there or empty.</summary>
    HeaderMissing,

    /// <summary>A header stands there twice, is named as signed twice, or does not have the scheme's form.</summary>
    HeaderMalformed,

    /// <summary>Signed longer ago than is tolerated: kept back, or replayed, or the clocks differ.</summary>
    TooOld,

    /// <summary>Signed further ahead than is tolerated: the clocks differ.</summary>
    TooNew,

    /// <summary>No signature fits any key: another key, or a body that is not the one that was signed.</summary>
    SignatureMismatch,
}
