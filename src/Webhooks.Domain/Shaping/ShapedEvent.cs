using System.Globalization;

namespace Webhooks.Domain.Shaping;

/// <summary>What an envelope may speak of besides the payload: one attempt to deliver one event.</summary>
/// <param name="Attempt">From 1.</param>
/// <param name="SentAt">The time that is signed.</param>
public sealed record ShapedEvent(
    MessageId Event, string Type, DateTimeOffset EmittedAt, CompanyId Company, WebhookId Webhook, DeliveryId Delivery, int Attempt, DateTimeOffset SentAt)
{
    /// <summary>The names between double braces; <c>payload</c> is the one that is not text.</summary>
    internal static readonly string[] Placeholders =
        [PayloadName, "event_sid", "event_type", "emitted_at", "sent_at", "company_sid", "webhook_sid", "delivery_sid", AttemptName];

    internal const string PayloadName = "payload";
    internal const string AttemptName = "attempt";

    /// <summary>None holds a character that JSON escapes.</summary>
    internal string Text(string placeholder) => placeholder switch
    {
        "event_sid" => Event.ToString(),
        "event_type" => Type,
        "emitted_at" => Time(EmittedAt),
        "sent_at" => Time(SentAt),
        "company_sid" => Company.ToString(),
        "webhook_sid" => Webhook.ToString(),
        "delivery_sid" => Delivery.ToString(),
        AttemptName => Attempt.ToString(CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(placeholder), placeholder, "No such placeholder."),
    };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
