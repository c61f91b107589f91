namespace Webhooks.Delivery.Destinations;

/// <summary>What a queue is told beyond body and headers.</summary>
/// <param name="Target">Where it goes.</param>
/// <param name="Deduplication">The same over the attempts of one series, another once somebody asked for a resend: at most 128 characters.</param>
/// <param name="OrderingKey">Null or empty: none.</param>
public sealed record OutgoingMessage(QueueTarget Target, string EventType, string Deduplication, string? OrderingKey);
