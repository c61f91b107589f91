using Webhooks.Api.Deliveries;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Endpoints;

/// <summary>What became of a test event, on the wire. The same stands with the delivery for good.</summary>
/// <param name="Succeeded">Null while it is pending.</param>
/// <param name="DurationMs">From dialling to the last byte read, or to the failure.</param>
/// <param name="ErrorClass">Null for a success.</param>
/// <param name="Attempt">All of it, as in the delivery. Null while it is pending.</param>
public sealed record TestAnswer(
    MessageId EventSid,
    DeliveryId DeliverySid,
    DeliveryStatus Status,
    bool? Succeeded,
    int? StatusCode,
    FailureClass? ErrorClass,
    string? Detail,
    double? DurationMs,
    AttemptAnswer? Attempt)
{
    public const string Example = $$"""
        {"event_sid":"evt_01h455vb4pex5vsknk084sn02q","delivery_sid":"dlv_01h455vb4pex5vsknk084sn02q","status":"exhausted","succeeded":false,
         "status_code":429,"error_class":"status","detail":"The response was 429.","duration_ms":101.25,"attempt":{{AttemptAnswer.Example}}}
        """;
    public const string PendingExample = """{"event_sid":"evt_01h455vb4pex5vsknk084sn02q","delivery_sid":"dlv_01h455vb4pex5vsknk084sn02q","status":"pending"}""";

    internal static TestAnswer Pending(MessageId message, DeliveryId delivery) => new(message, delivery, DeliveryStatus.Pending, null, null, null, null, null, null);

    internal static TestAnswer Of(MessageId message, DeliveryDetails details)
    {
        // Without an attempt the webhook was deleted before it could begin.
        if (details.Attempts is not [var first, ..])
        {
            return Pending(message, details.Id) with { Status = details.State.Status, Succeeded = false };
        }

        var attempt = AttemptAnswer.Of(first);
        return new TestAnswer(
            message, details.Id, details.State.Status, first.Attempt.Failure is null, attempt.StatusCode, attempt.ErrorClass, attempt.Detail, attempt.DurationMs, attempt);
    }
}
