using Webhooks.Domain;

namespace Webhooks.Delivery.Accepting;

/// <summary>An event as the platform hands it over, its form already checked.</summary>
/// <param name="Payload">The bytes as they came; what is signed and sent.</param>
/// <param name="OnlyTo">Null: every webhook that matches. Else this one alone, whatever it subscribes to.</param>
public sealed record EventToEmit(
    CompanyId Company, string Type, byte[] Payload, string? IdempotencyKey, ApiKeyId? Actor, Guid Correlation, WebhookId? OnlyTo = null)
{
    /// <summary>The service tells something of this webhook: to those that name the type, never to that one itself. Null: an event of the platform's.</summary>
    public WebhookId? About { get; init; }

    /// <summary>Strict webhooks get events of one key one after the other.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>Not sent before; what is past means at once.</summary>
    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>Webhooks with channels get it where they share one with it.</summary>
    public EquatableArray<string> Channels { get; init; }
}

public abstract record EmitOutcome
{
    private EmitOutcome()
    {
    }

    /// <param name="Deliveries">The delivery of each webhook that matched; empty for a repeat.</param>
    /// <param name="Repeated">The idempotency key was used before for the same request: this is the first one's answer.</param>
    public sealed record Accepted(MessageId Message, string Type, DateTimeOffset EmittedAt, int MatchedWebhooks, IReadOnlyList<DeliveryId> Deliveries, bool Repeated) : EmitOutcome
    {
        /// <summary>Null: at once.</summary>
        public DateTimeOffset? DeliverAt { get; init; }
    }

    public sealed record Refused(Refusal Refusal) : EmitOutcome;

    /// <summary>The idempotency key was used before, for another request.</summary>
    public sealed record KeyTaken(MessageId By) : EmitOutcome;

    /// <summary>The database did not answer in time, or was lost while the event was being committed. It may be accepted, or be accepted yet: a repeat with the same idempotency key finds out.</summary>
    public sealed record Unknown : EmitOutcome;

    /// <summary>Not accepted: the database is away or can't write, or too much waits for it. To be tried again.</summary>
    public sealed record Unavailable : EmitOutcome;
}
