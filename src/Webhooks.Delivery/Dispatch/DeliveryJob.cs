using System.Diagnostics;
using Webhooks.Domain;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Dispatch;

/// <summary>What was emitted, shared by the deliveries of one message.</summary>
public sealed record EmittedMessage(MessageId Id, CompanyId Company, string Type, DateTimeOffset EmittedAt, byte[] Payload)
{
    /// <summary>Of the append that led to it; default where nobody traces, and when it was brought in from the database.</summary>
    public ActivityContext Trace { get; init; }
}

/// <summary>One delivery in this node's memory, on its way to its next attempt.</summary>
/// <param name="Version">Of the delivery's stream: its next fact is appended after it.</param>
public sealed record DeliveryJob(DeliveryId Id, WebhookId Webhook, EmittedMessage Message, short Shard, int Version, DeliveryState State)
{
    /// <summary>Of the shard, when the job came into memory: it may not be sent under another.</summary>
    public long Epoch { get; init; }

    /// <summary>It was parked for a paused webhook, and is sent alone to find out whether that one is back.</summary>
    public bool IsProbe { get; init; }

    /// <summary>Sent along, where the webhook numbers its deliveries.</summary>
    public long? Sequence { get; init; }

    /// <summary>Null: not ordered. Empty: ordered, of an event without a key.</summary>
    public string? OrderingKey { get; init; }

    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>What ages count from: a scheduled event is as new as its time.</summary>
    public DateTimeOffset DueFrom => DeliverAt ?? Message.EmittedAt;

    public int AttemptNumber => State.Attempts + 1;
}
