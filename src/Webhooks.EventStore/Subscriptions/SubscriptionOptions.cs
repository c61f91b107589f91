namespace Webhooks.EventStore;

public sealed record SubscriptionOptions
{
    /// <summary>Facts in one transaction at most, from 1.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>How long to wait for a wake-up before looking again, when all is quiet.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long to let facts gather after a wake-up: what comes to an end meanwhile is written once.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.Zero;
}

/// <summary>What one bounded run did.</summary>
/// <param name="Facts">Facts processed.</param>
/// <param name="Position">Where the checkpoint stands now.</param>
/// <param name="HeldElsewhere">Another node is processing this subscription; nothing was done.</param>
public sealed record SubscriptionRun(int Facts, LogPosition Position, bool HeldElsewhere);

/// <summary>How far a subscription has come.</summary>
/// <param name="Position">Of the last fact processed.</param>
/// <param name="Head">Of the last fact that may be read.</param>
/// <param name="Lag">Facts waiting to be processed; counted up to <see cref="MaxLagCounted"/>.</param>
/// <param name="OldestWaiting">Age of the first of them, by the database's clock; null: none waits.</param>
public sealed record SubscriptionProgress(string Name, LogPosition Position, LogPosition Head, long Lag, TimeSpan? OldestWaiting)
{
    /// <summary>Counting further would cost more than the number is worth.</summary>
    public const int MaxLagCounted = 100_000;
}
