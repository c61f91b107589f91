using System.Text.Encodings.Web;
using System.Text.Json;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Failures;

/// <summary>What is told of a delivery that used up its attempts: where it was to go, how that failed, and the event itself.</summary>
internal static class FailurePayload
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="facts">The delivery's stream, up to the fact that is told.</param>
    /// <param name="url">Where the webhook sends now; null when it is gone.</param>
    public static byte[] Of(ExhaustedDelivery failure, IReadOnlyList<StoredFact> facts, string? url)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("type", EventTypes.DeliveryExhausted);
            json.WriteString("company_sid", failure.Company.ToString());
            json.WriteString("webhook_sid", failure.Webhook.ToString());
            json.WriteString("delivery_sid", failure.Delivery.ToString());
            if (url is not null)
            {
                json.WriteString("url", url);
            }

            WriteTime(json, "exhausted_at", facts[^1].RecordedAt);
            WriteFailure(json, facts);
            WriteEvent(json, failure);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteFailure(Utf8JsonWriter json, IReadOnlyList<StoredFact> facts)
    {
        json.WritePropertyName("reason");
        JsonSerializer.Serialize(json, facts.Select(f => f.Fact).OfType<DeliveryExhausted>().Last().Reason, FactJson.Instance.ExhaustedReason);
        if (facts.Select(f => f.Fact).OfType<AttemptFailed>().LastOrDefault()?.Attempt is not { } last)
        {
            json.WriteNumber("attempts", 0);
            return;
        }

        json.WriteNumber("attempts", last.Number);
        json.WritePropertyName("failure");
        JsonSerializer.Serialize(json, last.Failure!.Value, FactJson.Instance.FailureClass);
        if (last.StatusCode is { } status)
        {
            json.WriteNumber("status_code", status);
        }

        if (last.Detail is { } detail)
        {
            json.WriteString("detail", detail);
        }
    }

    /// <summary>The payload stands as it was emitted, byte for byte.</summary>
    private static void WriteEvent(Utf8JsonWriter json, ExhaustedDelivery failure)
    {
        json.WriteStartObject("event");
        json.WriteString("sid", failure.Message.ToString());
        json.WriteString("type", failure.Type);
        WriteTime(json, "emitted_at", failure.EmittedAt);
        if (failure.Body is { } body)
        {
            json.WritePropertyName("payload");
            json.WriteRawValue(body, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time) => json.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
}
