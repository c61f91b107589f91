using System.Text.Json.Serialization;

namespace Webhooks.Domain.Deliveries;

public abstract record DeliveryFact : Fact;

/// <summary>The receiver took the message: it answered 2xx, completely and in time.</summary>
public sealed record AttemptSucceeded(Attempt Attempt) : DeliveryFact;

/// <summary>An attempt came to nothing.</summary>
/// <param name="NextAttemptAt">Null when no further attempt follows by itself.</param>
public sealed record AttemptFailed(Attempt Attempt, DateTimeOffset? NextAttemptAt) : DeliveryFact;

/// <summary>The attempts allowed are used up. It stays so until someone asks for a resend.</summary>
public sealed record DeliveryExhausted : DeliveryFact
{
    /// <summary>Its webhook is strict and blocks: later deliveries of its ordering key wait for it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool BlocksKey { get; init; }
}

/// <summary>Not tried, and not counted as tried: the webhook takes nothing at the moment.</summary>
public sealed record DeliveryDeferred(DeferredReason Reason) : DeliveryFact;

/// <summary>It will not be delivered, and can't be sent again.</summary>
public sealed record DeliveryCancelled(CancelledReason Reason) : DeliveryFact;

/// <summary>Someone asked to send it again, or sooner than planned.</summary>
/// <param name="DueAt">When it was asked for: at once.</param>
public sealed record ResendRequested(DateTimeOffset DueAt) : DeliveryFact;
