namespace Webhooks.Domain.Messages;

public abstract record MessageCommand;

/// <param name="Sha256">Digest of the payload, base64.</param>
/// <param name="Matched">The webhooks that shall receive it, each with the id its delivery will have.</param>
public sealed record EmitEvent(
    string Type,
    DateTimeOffset EmittedAt,
    int Size,
    string Sha256,
    string? IdempotencyKey,
    string? Fingerprint,
    EquatableArray<PlannedDelivery> Matched) : MessageCommand
{
    public EquatableArray<string> Channels { get; init; }
    public string? OrderingKey { get; init; }

    /// <summary>What is not after <see cref="Now"/> is due at once.</summary>
    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>The database's clock, which decides what is due.</summary>
    public DateTimeOffset Now { get; init; } = EmittedAt;

    public bool IsLater => DeliverAt > Now;
}

/// <param name="Now">The database's clock, which decides what is due.</param>
public sealed record CancelEvent(DateTimeOffset Now) : MessageCommand;

/// <summary>One emitted event of the platform. Stream: the message's id; complete with its first append, but that it may be cancelled before it is due.</summary>
public sealed record Message(EventEmitted? Emitted, bool Cancelled = false)
{
    /// <summary>Keeps a fact below 100 KB, however many webhooks match.</summary>
    public const int MaxDeliveriesPerFact = 1000;
    public const int MaxIdempotencyKeyLength = 255;
    public const int MaxOrderingKeyLength = 128;
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(366);

    public static readonly Message Unknown = new((EventEmitted?)null);

    public static Decision Decide(Message state, MessageCommand command) => command switch
    {
        EmitEvent c => DecideEmit(state, c),
        CancelEvent c => DecideCancel(state, c),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "No rule for this command."),
    };

    /// <summary>The fact with the numbers that its deliveries got.</summary>
    public static MessageFact Number(MessageFact fact, IReadOnlyDictionary<DeliveryId, long> numbers) => fact switch
    {
        EventEmitted f => f with { Deliveries = Number(f.Deliveries, numbers) },
        EventFannedOut f => f with { Deliveries = Number(f.Deliveries, numbers) },
        _ => fact,
    };

    private static PlannedDelivery[] Number(EquatableArray<PlannedDelivery> planned, IReadOnlyDictionary<DeliveryId, long> numbers) =>
        Array.ConvertAll(planned.AsSpan().ToArray(), p => p with { Sequence = numbers.TryGetValue(p.Delivery, out var number) ? number : null });

    private static Decision DecideEmit(Message state, EmitEvent c)
    {
        if (state.Emitted is not null)
        {
            return Decision.AlreadySo;
        }

        if ((EventTypes.Refuse(c.Type, "type") ?? RefuseIdempotencyKey(c.IdempotencyKey) ?? Channels.Refuse(c.Channels, Channels.MaxPerEvent, "channels") ?? RefuseOrderingKey(c.OrderingKey) ?? RefuseDelay(c)) is { } refusal)
        {
            return refusal;
        }

        var first = new EventEmitted(c.Type, c.EmittedAt, c.Size, c.Sha256, c.IdempotencyKey, c.Fingerprint, c.Matched.Count,
            c.Matched.Count <= MaxDeliveriesPerFact ? c.Matched : c.Matched.AsSpan()[..MaxDeliveriesPerFact].ToArray())
        {
            OrderingKey = c.OrderingKey,
            DeliverAt = c.IsLater ? c.DeliverAt : null,
            Channels = c.Channels,
        };
        return c.Matched.Count <= MaxDeliveriesPerFact
            ? first
            : Decision.Of([first, .. c.Matched.Skip(MaxDeliveriesPerFact).Chunk(MaxDeliveriesPerFact).Select(chunk => new EventFannedOut(chunk))]);
    }

    private static Decision DecideCancel(Message state, CancelEvent c) => state switch
    {
        { Emitted: null } => Refusal.NotFound("event"),
        { Cancelled: true } => Decision.AlreadySo,
        { Emitted.DeliverAt: null } => Refusal.Conflict("event.not_scheduled", "It was emitted without deliver_at, so it went out at once; only what is not due yet can be cancelled."),
        { Emitted.DeliverAt: var due } when due <= c.Now => Refusal.Conflict("event.due", "Its deliver_at has come, so it has gone out; only what is not due yet can be cancelled."),
        _ => new EventCancelled(),
    };

    /// <summary>The rule on ordering keys, asked where they are read, too.</summary>
    public static Refusal? RefuseOrderingKey(string? key) =>
        key is null || (key.Length is >= 1 and <= MaxOrderingKeyLength && !key.Any(char.IsControl))
            ? null
            : Refusal.Invalid("ordering_key", "event.ordering_key", $"Must be 1 to {MaxOrderingKeyLength} characters without control characters.");

    private static Refusal? RefuseDelay(EmitEvent c) =>
        c.DeliverAt - c.Now > MaxDelay
            ? Refusal.Invalid("deliver_at", "event.deliver_at", $"Must be at most {MaxDelay.Days} days ahead.")
            : null;

    private static Refusal? RefuseIdempotencyKey(string? key) =>
        key is null || (key.Length is >= 1 and <= MaxIdempotencyKeyLength && !key.Any(char.IsControl))
            ? null
            : Refusal.Invalid("idempotency_key", "event.idempotency_key", $"Must be 1 to {MaxIdempotencyKeyLength} characters without control characters.");

    public static Message Evolve(Message state, MessageFact fact) => fact switch
    {
        EventEmitted f => new Message(f),
        EventCancelled => state with { Cancelled = true },
        _ => state,
    };
}
