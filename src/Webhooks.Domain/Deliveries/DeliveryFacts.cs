using System.Text.Json.Serialization;

namespace Webhooks.Domain.Deliveries;

public abstract record DeliveryFact : Fact;

/// <summary>The receiver took the message: it answered 2xx, completely and in time.</summary>
public sealed record AttemptSucceeded(Attempt Attempt) : DeliveryFact;

/// <summary>An attempt came to nothing.</summary>
/// <param name="NextAttemptAt">Null when no further attempt follows by itself.</param>
public sealed record AttemptFailed(Attempt Attempt, DateTimeOffset? NextAttemptAt) : DeliveryFact
{
    /// <summary>It counts for no budget: the receiver was asked too often (429), or takes nothing more (410), or the fault was ours.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SpentNoAttempt { get; init; }

    /// <summary>What the receiver's Retry-After came to, where the next attempt waits for it and not for the policy.</summary>
    public long? RetryAfterMs { get; init; }

    /// <summary>When the first attempt of the series started, by the database's clock; stated once, where a rule asks for it.</summary>
    public DateTimeOffset? SeriesStartedAt { get; init; }
}

/// <summary>No further attempt is made. It stays so until someone asks for a resend.</summary>
public sealed record DeliveryExhausted : DeliveryFact
{
    /// <summary>Left out: the attempts allowed are used up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ExhaustedReason Reason { get; init; }

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
