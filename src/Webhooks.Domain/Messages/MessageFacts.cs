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
    /// <summary>Events of one key go to a strict webhook one after the other; null is a key too.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>Not sent before; null: at once.</summary>
    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>Labels by which webhooks chose; none in most events.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EquatableArray<string> Channels { get; init; }
}

/// <summary>More of the webhooks that the event matched, when they were too many for one fact.</summary>
public sealed record EventFannedOut(EquatableArray<PlannedDelivery> Deliveries) : MessageFact;

/// <summary>It will not be sent: someone called it back before it was due.</summary>
public sealed record EventCancelled : MessageFact;

/// <summary>One message to one webhook. The delivery's own stream starts with its first attempt.</summary>
public readonly record struct PlannedDelivery(DeliveryId Delivery, WebhookId Webhook)
{
    /// <summary>From 1, without gaps, in the order of commit, per webhook; null where the webhook's deliveries are not numbered.</summary>
    public long? Sequence { get; init; }

    /// <summary>The webhook was strict when this was planned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Ordered { get; init; }
}
