using System.Text.Json;
using Webhooks.Api.Http;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain;
using Webhooks.Projections.Messages;

namespace Webhooks.Api.Messages;

/// <summary>An event on the wire.</summary>
internal static class EventAnswer
{
    public const string Accepted = """{"sid":"evt_01h455vb4pex5vsknk084sn02s","company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"order.paid","emitted_at":"2026-01-31T12:00:00.000Z","matched_webhooks":2}""";
    public const string Summary = """{"sid":"evt_01h455vb4pex5vsknk084sn02s","company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"order.paid","emitted_at":"2026-01-31T12:00:00.000Z","matched_webhooks":1,"payload_bytes":15}""";
    public const string Details = """
        {"sid":"evt_01h455vb4pex5vsknk084sn02s","company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"order.paid","emitted_at":"2026-01-31T12:00:00.000Z","matched_webhooks":1,"payload_bytes":15,
         "payload_sha256":"fSDzjHV2hLhAOmDT1JeOrh5HIRaRgtDeWSmCHeo3D6U=","id":"order-4711-paid","channels":["eu"],"deliveries":[{"sid":"dlv_01h455vb4pex5vsknk084sn02t","webhook_sid":"wh_01h455vb4pex5vsknk084sn02u"}],"payload":{"order":4711}}
        """;

    public const string Cancelled = """
        {"sid":"evt_01h455vb4pex5vsknk084sn02s","company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"order.paid","emitted_at":"2026-01-31T12:00:00.000Z","matched_webhooks":1,"deliver_at":"2026-02-01T12:00:00.000Z",
         "payload_bytes":15,"payload_sha256":"fSDzjHV2hLhAOmDT1JeOrh5HIRaRgtDeWSmCHeo3D6U=","status":"cancelled","ordering_key":"customer-7",
         "deliveries":[{"sid":"dlv_01h455vb4pex5vsknk084sn02t","webhook_sid":"wh_01h455vb4pex5vsknk084sn02u","sequence":12}],"payload":{"order":4711}}
        """;

    public static void Write(Utf8JsonWriter json, EmitOutcome.Accepted e, CompanyId company)
    {
        json.WriteStartObject();
        WriteCommon(json, e.Message, company, e.Type, e.EmittedAt, e.MatchedWebhooks, e.DeliverAt);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, MessageSummary e)
    {
        json.WriteStartObject();
        WriteSummary(json, e);
        json.WriteEndObject();
    }

    /// <summary>The payload stands as it came; once erased, it is missing.</summary>
    public static void Write(Utf8JsonWriter json, MessageDetails e)
    {
        json.WriteStartObject();
        WriteSummary(json, e.Summary);
        json.WriteString("payload_sha256", e.Sha256);
        if (e.Status is { } status)
        {
            json.WriteString("status", EnumNames<ScheduleStatus>.Of(status));
        }

        if (e.OrderingKey is { } orderingKey)
        {
            json.WriteString("ordering_key", orderingKey);
        }

        if (e.IdempotencyKey is { } key)
        {
            json.WriteString("id", key);
        }

        if (e.Channels.Count > 0)
        {
            json.WriteStartArray("channels");
            foreach (var channel in e.Channels)
            {
                json.WriteStringValue(channel);
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("deliveries");
        foreach (var planned in e.Deliveries)
        {
            json.WriteStartObject();
            json.WriteString("sid", planned.Delivery.ToString());
            json.WriteString("webhook_sid", planned.Webhook.ToString());
            if (planned.Sequence is { } sequence)
            {
                json.WriteNumber("sequence", sequence);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (e.Payload is { } payload)
        {
            json.WritePropertyName("payload");

            // It was read as JSON when it was accepted; what it says is nobody's business here.
            json.WriteRawValue(payload, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static void WriteSummary(Utf8JsonWriter json, MessageSummary e)
    {
        WriteCommon(json, e.Id, e.Company, e.Type, e.EmittedAt, e.MatchedWebhooks, e.DeliverAt);
        json.WriteNumber("payload_bytes", e.Size);
    }

    private static void WriteCommon(Utf8JsonWriter json, MessageId id, CompanyId company, string type, DateTimeOffset emittedAt, int matched, DateTimeOffset? deliverAt)
    {
        json.WriteString("sid", id.ToString());
        json.WriteString("company_sid", company.ToString());
        json.WriteString("type", type);
        json.WriteString("emitted_at", Wire.Time(emittedAt));
        json.WriteNumber("matched_webhooks", matched);
        if (deliverAt is { } due)
        {
            json.WriteString("deliver_at", Wire.Time(due));
        }
    }
}
