namespace Webhooks.Domain.Messages;

/// <param name="Sha256">Digest of the payload, base64.</param>
/// <param name="Matched">The webhooks that shall receive it, each with the id its delivery will have.</param>
public sealed record EmitEvent(
    string Type,
    DateTimeOffset EmittedAt,
    int Size,
    string Sha256,
    string? IdempotencyKey,
    string? Fingerprint,
    EquatableArray<PlannedDelivery> Matched)
{
    public EquatableArray<string> Channels { get; init; }
}

/// <summary>One emitted event of the platform. Stream: the message's id; complete with its first append.</summary>
public sealed record Message(EventEmitted? Emitted)
{
    /// <summary>Keeps a fact below 100 KB, however many webhooks match.</summary>
    public const int MaxDeliveriesPerFact = 1000;
    public const int MaxIdempotencyKeyLength = 255;

    public static readonly Message Unknown = new((EventEmitted?)null);

    public static Decision Decide(Message state, EmitEvent c)
    {
        if (state.Emitted is not null)
        {
            return Decision.AlreadySo;
        }

        if ((EventTypes.Refuse(c.Type, "type") ?? RefuseIdempotencyKey(c.IdempotencyKey) ?? Channels.Refuse(c.Channels, Channels.MaxPerEvent, "channels")) is { } refusal)
        {
            return refusal;
        }

        var first = new EventEmitted(c.Type, c.EmittedAt, c.Size, c.Sha256, c.IdempotencyKey, c.Fingerprint, c.Matched.Count,
            c.Matched.Count <= MaxDeliveriesPerFact ? c.Matched : c.Matched.AsSpan()[..MaxDeliveriesPerFact].ToArray())
        {
            Channels = c.Channels,
        };
        return c.Matched.Count <= MaxDeliveriesPerFact
            ? first
            : Decision.Of([first, .. c.Matched.Skip(MaxDeliveriesPerFact).Chunk(MaxDeliveriesPerFact).Select(chunk => new EventFannedOut(chunk))]);
    }

    private static Refusal? RefuseIdempotencyKey(string? key) =>
        key is null || (key.Length is >= 1 and <= MaxIdempotencyKeyLength && !key.Any(char.IsControl))
            ? null
            : Refusal.Invalid("idempotency_key", "event.idempotency_key", $"Must be 1 to {MaxIdempotencyKeyLength} characters without control characters.");

    public static Message Evolve(Message state, MessageFact fact) => fact is EventEmitted emitted ? new Message(emitted) : state;
}
