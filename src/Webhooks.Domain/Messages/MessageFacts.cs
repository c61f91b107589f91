using System.Text.Json.Serialization;

namespace Webhooks.Domain.Messages;

public abstract record MessageFact : Fact;

/// <summary>An event was accepted, and matched these webhooks. Its payload lies beside the log, found by the message's id, proven by the digest.</summary>
/// <param name="Size">Bytes of the payload.</param>
/// <param name="Sha256">Digest of the payload, base64.</param>
/// <param name="IdempotencyKey">The emitter's own name for this event, unique in the company.</param>
/// <param name="Fingerprint">Digest over what makes a repeat the same request, base64; only with an idempotency key.</param>
/// <param name="MatchedWebhooks">How many webhooks matched in all, also where <see cref="EventFannedOut"/> carries some of them.</param>
public sealed record EventEmitted(
    string Type,
    DateTimeOffset EmittedAt,
    int Size,
    string Sha256,
    string? IdempotencyKey,
    string? Fingerprint,
    int MatchedWebhooks,
    EquatableArray<PlannedDelivery> Deliveries) : MessageFact
{
    /// <summary>Labels by which webhooks chose; none in most events.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EquatableArray<string> Channels { get; init; }
}

/// <summary>More of the webhooks that the event matched, when they were too many for one fact.</summary>
public sealed record EventFannedOut(EquatableArray<PlannedDelivery> Deliveries) : MessageFact;

/// <summary>One message to one webhook. The delivery's own stream starts with its first attempt.</summary>
public readonly record struct PlannedDelivery(DeliveryId Delivery, WebhookId Webhook);
