using System.Text;
using System.Text.Unicode;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Deliveries;

/// <summary>A delivery on the wire.</summary>
/// <param name="Sequence">As in the header webhook-sequence; null where the webhook does not number.</param>
/// <param name="AttemptCount">Over all series; a resend starts a new one.</param>
/// <param name="NextAttemptAt">Null when none is planned: it is over, parked, or on its way for the first time. Of a scheduled event, before the first attempt: its deliver_at.</param>
/// <param name="Attempts">The newest, oldest first. Null in lists.</param>
public sealed record DeliveryAnswer(
    DeliveryId Sid,
    CompanyId CompanySid,
    WebhookId WebhookSid,
    MessageId EventSid,
    string Type,
    DeliveryStatus Status,
    long? Sequence,
    int AttemptCount,
    int? LastStatusCode,
    FailureClass? LastErrorClass,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    IReadOnlyList<AttemptAnswer>? Attempts)
{
    /// <summary>Why no further attempt is made; null in lists, and while one may be.</summary>
    public ExhaustedReason? ExhaustedReason { get; init; }

    public const string Example = """
        {"sid":"dlv_01h455vb4pex5vsknk084sn02t","company_sid":"com_01h455vb4pex5vsknk084sn02q","webhook_sid":"wh_01h455vb4pex5vsknk084sn02u","event_sid":"evt_01h455vb4pex5vsknk084sn02s","type":"order.paid",
         "status":"pending","attempt_count":1,"last_status_code":429,"last_error_class":"status","next_attempt_at":"2026-01-31T12:00:10.000Z","created_at":"2026-01-31T12:00:00.000Z","updated_at":"2026-01-31T12:00:00.120Z"}
        """;

    public static readonly string ExampleWithAttempts = $$"""{{Example.TrimEnd()[..^1]}},"attempts":[{{AttemptAnswer.Example}}]}""";

    public static DeliveryAnswer Of(DeliverySummary d)
    {
        ArgumentNullException.ThrowIfNull(d);
        return new(d.Id, d.Company, d.Webhook, d.Event, d.Type, d.State.Status, d.Sequence, d.State.Attempts, d.LastStatus, d.LastFailure, d.State.NextAttemptAt, d.CreatedAt, d.UpdatedAt, Attempts: null);
    }

    public static DeliveryAnswer Of(DeliveryDetails d)
    {
        ArgumentNullException.ThrowIfNull(d);
        return new(
            d.Id, d.Company, d.Webhook, d.Event, d.Type, d.State.Status, d.Sequence, d.State.Attempts, d.LastAttempt?.StatusCode, d.LastAttempt?.Failure, d.State.NextAttemptAt, d.CreatedAt, d.UpdatedAt,
            [.. d.Attempts.OrderBy(a => a.Attempt.Number).Select(AttemptAnswer.Of)])
        {
            ExhaustedReason = d.ExhaustedReason,
        };
    }
}

/// <summary>One attempt on the wire.</summary>
/// <param name="DurationMs">To the microsecond.</param>
/// <param name="Outcome">succeeded or failed.</param>
/// <param name="ResponseBodyEncoding">utf-8, or base64 where the bytes are no text.</param>
/// <param name="ResponseTruncated">More came than is kept.</param>
public sealed record AttemptAnswer(
    int Number,
    DateTimeOffset StartedAt,
    double DurationMs,
    string Outcome,
    FailureClass? ErrorClass,
    string? Detail,
    int? StatusCode,
    string RequestMethod,
    string RequestUrl,
    IReadOnlyList<HeaderAnswer> RequestHeaders,
    IReadOnlyList<HeaderAnswer> ResponseHeaders,
    string? ResponseBody,
    string? ResponseBodyEncoding,
    bool ResponseTruncated,
    DateTimeOffset? NextAttemptAt)
{
    /// <summary>What the receiver's Retry-After came to, where the next attempt waits for it and not for the policy.</summary>
    public long? RetryAfterMs { get; init; }

    /// <summary>True where it counts for no budget, else left out: 429, 410, and faults of the sending side.</summary>
    public bool? SpentNoAttempt { get; init; }

    /// <summary>As signed and sent; null where there was none or the payload is erased.</summary>
    public string? RequestBody { get; init; }

    /// <summary>utf-8, or base64 where the bytes are no text.</summary>
    public string? RequestBodyEncoding { get; init; }

    /// <summary>More was sent than is shown.</summary>
    public bool RequestTruncated { get; init; }

    public const string Example = """
        {"number":1,"started_at":"2026-01-31T12:00:00.010Z","duration_ms":101.25,"outcome":"failed","error_class":"status","detail":"The response was 429.","status_code":429,
         "request_method":"POST","request_url":"https://example.com/hooks","request_headers":[{"name":"webhook-id","value":"evt_01h455vb4pex5vsknk084sn02s"},{"name":"Authorization","value":"[redacted]"}],
         "response_headers":[{"name":"Content-Type","value":"text/plain"},{"name":"Retry-After","value":"10"}],"response_body":"too many","response_body_encoding":"utf-8","response_truncated":false,"next_attempt_at":"2026-01-31T12:00:10.000Z","retry_after_ms":10000,"spent_no_attempt":true,
         "request_body":"{\"order\":4711}","request_body_encoding":"utf-8","request_truncated":false}
        """;

    public static AttemptAnswer Of(AttemptDetails details)
    {
        ArgumentNullException.ThrowIfNull(details);
        var attempt = details.Attempt;
        var (responseBody, responseEncoding) = Shown(details.ResponseBody);
        var (requestBody, requestEncoding) = Shown(details.RequestBody);
        return new(
            attempt.Number,
            attempt.StartedAt,
            attempt.DurationUs / 1000.0,
            attempt.Failure is null ? "succeeded" : "failed",
            attempt.Failure,
            attempt.Detail,
            attempt.StatusCode,
            details.Method,
            details.Url,
            Of(details.RequestHeaders),
            Of(details.ResponseHeaders),
            responseBody,
            responseEncoding,
            attempt.ResponseBody?.Truncated ?? false,
            details.NextAttemptAt)
        {
            RequestBody = requestBody,
            RequestBodyEncoding = requestEncoding,
            RequestTruncated = details.RequestTruncated,
            RetryAfterMs = details.RetryAfterMs,
            SpentNoAttempt = details.SpentNoAttempt ? true : null,
        };
    }

    private static (string? Text, string? Encoding) Shown(byte[]? bytes) =>
        bytes is null ? (null, null) : Utf8.IsValid(bytes) ? (Encoding.UTF8.GetString(bytes), "utf-8") : (Convert.ToBase64String(bytes), "base64");

    private static HeaderAnswer[] Of(IReadOnlyList<Header> headers) => [.. headers.Select(h => new HeaderAnswer(h.Name, h.Value))];
}

/// <summary>A header on the wire; in the log headers have a shorter form.</summary>
public sealed record HeaderAnswer(string Name, string Value);
