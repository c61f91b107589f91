namespace Webhooks.Domain.Deliveries;

public abstract record DeliveryFact : Fact;

public sealed record AttemptSucceeded(Attempt Attempt) : DeliveryFact;

/// <param name="NextAttemptAt">Null when no further attempt follows by itself.</param>
public sealed record AttemptFailed(Attempt Attempt, DateTimeOffset? NextAttemptAt) : DeliveryFact;

/// <summary>The attempts allowed are used up. It stays so until someone asks for a resend.</summary>
public sealed record DeliveryExhausted : DeliveryFact;

/// <summary>Not tried, and not counted as tried: the webhook takes nothing at the moment.</summary>
public sealed record DeliveryDeferred(DeferredReason Reason) : DeliveryFact;

public sealed record DeliveryCancelled(CancelledReason Reason) : DeliveryFact;

/// <param name="DueAt">When it was asked for: at once.</param>
public sealed record ResendRequested(DateTimeOffset DueAt) : DeliveryFact;
