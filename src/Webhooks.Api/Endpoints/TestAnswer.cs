using System.Text;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Endpoints;

/// <summary>What became of a test event, on the wire. The same stands with the delivery for good.</summary>
/// <param name="Succeeded">Null while it is pending.</param>
/// <param name="DurationMs">From dialling to the last byte read, or to the failure.</param>
/// <param name="ErrorClass">Null for a success.</param>
/// <param name="ResponseBody">As text, up to the installation's cap; null when there was none.</param>
public sealed record TestAnswer(
    MessageId EventSid,
    DeliveryId DeliverySid,
    DeliveryStatus Status,
    bool? Succeeded,
    DateTimeOffset? StartedAt,
    double? DurationMs,
    int? StatusCode,
    FailureClass? ErrorClass,
    string? Detail,
    string? Method,
    string? Url,
    IReadOnlyList<HeaderLine>? RequestHeaders,
    IReadOnlyList<HeaderLine>? ResponseHeaders,
    string? ResponseBody)
{
    public const string Example = """
        {"event_sid":"evt_01h455vb4pex5vsknk084sn02q","delivery_sid":"dlv_01h455vb4pex5vsknk084sn02q","status":"succeeded","succeeded":true,
         "started_at":"2026-01-31T12:00:00.000Z","duration_ms":12.3,"status_code":200,"method":"POST","url":"https://hooks.example.com/media",
         "request_headers":[{"name":"webhook-id","value":"evt_01h455vb4pex5vsknk084sn02q"}],"response_headers":[{"name":"Content-Type","value":"text/plain"}],
         "response_body":"ok"}
        """;
    public const string PendingExample = """{"event_sid":"evt_01h455vb4pex5vsknk084sn02q","delivery_sid":"dlv_01h455vb4pex5vsknk084sn02q","status":"pending"}""";

    internal static TestAnswer Pending(MessageId message, DeliveryId delivery) =>
        new(message, delivery, DeliveryStatus.Pending, null, null, null, null, null, null, null, null, null, null, null);

    internal static TestAnswer Of(MessageId message, DeliveryDetails details)
    {
        // Without an attempt the webhook was deleted before it could begin.
        if (details.Attempts is not [var shown, ..])
        {
            return Pending(message, details.Id) with { Status = details.State.Status, Succeeded = false };
        }

        var attempt = shown.Attempt;
        return new TestAnswer(
            message, details.Id, details.State.Status, attempt.Failure is null, attempt.StartedAt, attempt.DurationUs / 1000.0, attempt.StatusCode, attempt.Failure, attempt.Detail,
            shown.Method, shown.Url, Lines(shown.RequestHeaders), Lines(shown.ResponseHeaders), shown.ResponseBody is { } body ? Encoding.UTF8.GetString(body) : null);
    }

    private static IReadOnlyList<HeaderLine> Lines(IReadOnlyList<Header> headers) => [.. headers.Select(h => new HeaderLine(h.Name, h.Value))];
}

/// <summary>A header as it was sent or received.</summary>
public sealed record HeaderLine(string Name, string Value);
