using System.Text.Json.Serialization;

namespace Webhooks.Domain.Deliveries;

/// <summary>One try to deliver, as it went. What it sent follows from the webhook at <paramref name="WebhookVersion"/> and the signature headers.</summary>
/// <param name="Number">From 1, over all series of the delivery.</param>
/// <param name="StartedAt">Wall clock of the sending node: the time that was signed.</param>
/// <param name="DurationUs">Microseconds from dialling to the last byte read, or to the failure.</param>
/// <param name="StatusCode">Null when no complete response head came.</param>
/// <param name="Failure">Null for a success.</param>
/// <param name="Detail">What went wrong, in words that hold no secret and no address.</param>
/// <param name="WebhookVersion">Version of the webhook's stream whose URL, method and headers were used.</param>
/// <param name="SignatureHeaders">Headers that depend on the attempt: trace, time and signatures.</param>
/// <param name="ResponseHeaders">Up to a cap.</param>
/// <param name="ResponseBody">Null when there was none. The bytes lie beside the log.</param>
public sealed record Attempt(
    int Number,
    DateTimeOffset StartedAt,
    long DurationUs,
    int? StatusCode,
    FailureClass? Failure,
    string? Detail,
    int WebhookVersion,
    EquatableArray<Header> SignatureHeaders,
    EquatableArray<Header> ResponseHeaders,
    ResponseBody? ResponseBody);

/// <summary>A header as sent or received.</summary>
[JsonConverter(typeof(HeaderJsonConverter))]
public readonly record struct Header(string Name, string Value);

/// <param name="Size">Bytes read, at most the cap.</param>
/// <param name="Truncated">More came than the cap allows to read.</param>
public sealed record ResponseBody(int Size, bool Truncated);

/// <summary>Why an attempt failed. Decides how it is retried and what the customer is told.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailureClass>))]
public enum FailureClass
{
    /// <summary>The deadline over connect, TLS, headers and body passed.</summary>
    [JsonStringEnumMemberName("timeout")]
    Timeout,

    /// <summary>No connection: refused, unreachable.</summary>
    [JsonStringEnumMemberName("connect")]
    Connect,

    /// <summary>The host name did not resolve.</summary>
    [JsonStringEnumMemberName("dns")]
    Dns,

    /// <summary>The TLS handshake failed or the certificate was not accepted.</summary>
    [JsonStringEnumMemberName("tls")]
    Tls,

    /// <summary>The connection broke before the response was complete.</summary>
    [JsonStringEnumMemberName("reset")]
    Reset,

    /// <summary>A complete response with a status outside 200–299; redirects are among them.</summary>
    [JsonStringEnumMemberName("status")]
    Status,

    /// <summary>Response headers beyond the cap.</summary>
    [JsonStringEnumMemberName("response_too_large")]
    ResponseTooLarge,

    /// <summary>The answer was not HTTP, or broke its rules.</summary>
    [JsonStringEnumMemberName("protocol")]
    Protocol,

    /// <summary>The address dialled is one that this installation does not send to, or the shaped body is larger than it sends.</summary>
    [JsonStringEnumMemberName("blocked")]
    Blocked,

    /// <summary>A fault of the sending side.</summary>
    [JsonStringEnumMemberName("internal")]
    Internal,

    /// <summary>No access token: the webhook's token endpoint failed or refused. Nothing was sent to the receiver.</summary>
    [JsonStringEnumMemberName("auth")]
    Auth,

    /// <summary>The installation's own proxy failed or refused: a fault of the sending side, and none of the receiver's.</summary>
    [JsonStringEnumMemberName("proxy")]
    Proxy,
}

[JsonConverter(typeof(JsonStringEnumConverter<DeferredReason>))]
public enum DeferredReason
{
    [JsonStringEnumMemberName("webhook_disabled")]
    WebhookDisabled,

    /// <summary>It has failed so long that its deliveries wait until a probe succeeds.</summary>
    [JsonStringEnumMemberName("webhook_paused")]
    WebhookPaused,
}

[JsonConverter(typeof(JsonStringEnumConverter<CancelledReason>))]
public enum CancelledReason
{
    [JsonStringEnumMemberName("webhook_deleted")]
    WebhookDeleted,

    [JsonStringEnumMemberName("payload_erased")]
    PayloadErased,

    [JsonStringEnumMemberName("event_cancelled")]
    EventCancelled,

    /// <summary>Someone gave it up, so that others of its ordering key can go on.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,
}

/// <summary>Why a delivery gets no further attempt.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ExhaustedReason>))]
public enum ExhaustedReason
{
    /// <summary>Those allowed are used up.</summary>
    [JsonStringEnumMemberName("attempts")]
    Attempts,

    /// <summary>The policy names attempts by kind of failure, and the status says that the same request will fail again.</summary>
    [JsonStringEnumMemberName("not_retried")]
    NotRetried,

    /// <summary>The next attempt would start after the total deadline.</summary>
    [JsonStringEnumMemberName("deadline")]
    Deadline,

    /// <summary>The event is too old for a further attempt.</summary>
    [JsonStringEnumMemberName("max_age")]
    MaxAge,

    /// <summary>The receiver will never take it: <c>webhook-delivery: abort-message</c>.</summary>
    [JsonStringEnumMemberName("aborted")]
    Aborted,

    /// <summary>It was parked for longer than the installation keeps what is parked.</summary>
    [JsonStringEnumMemberName("parked_too_long")]
    ParkedTooLong,

    /// <summary>More was parked for its webhook than the installation keeps: the oldest give way.</summary>
    [JsonStringEnumMemberName("parking_full")]
    ParkingFull,
}

[JsonConverter(typeof(JsonStringEnumConverter<DeliveryStatus>))]
public enum DeliveryStatus
{
    [JsonStringEnumMemberName("pending")]
    Pending,
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,
    [JsonStringEnumMemberName("exhausted")]
    Exhausted,
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
    [JsonStringEnumMemberName("parked")]
    Parked,
}
