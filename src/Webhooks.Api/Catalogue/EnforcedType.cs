using Webhooks.Api.Http;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;

namespace Webhooks.Api.Catalogue;

/// <summary>A type that events are judged by. Its schema is made ready when the first event asks for it.</summary>
/// <param name="ready">Makes it ready; null: it is not enforced.</param>
internal sealed class EnforcedType(EventType type, Func<EventType, PayloadSchema?> ready)
{
    private static readonly Problem NotJudged =
        new(503, "event.not_judged", "The event was not accepted: to judge those before it in this batch by their schemas took all that a batch may take. Send it again, with fewer others.") { RetryAfterSeconds = 1 };

    private readonly JsonText? _schema = type.Definition!.Schema;

    /// <summary>Many may make it ready at a time. One who fails is asked again: a Lazy of the usual kind keeps what was thrown, and no event of the type would get through any more.</summary>
    private readonly Lazy<PayloadSchema?> _ready = new(() => type.Definition!.Schema is null ? null : ready(type), LazyThreadSafetyMode.PublicationOnly);

    public bool Enforced { get; } = type.Definition!.Enforced;

    public bool IsOf(EventTypeDefinition definition) => Enforced == definition.Enforced && _schema == definition.Schema;

    /// <param name="payload">Empty: there is nothing to judge.</param>
    public Problem? Judge(ReadOnlyMemory<byte> payload, JudgingAllowance? allowance)
    {
        if (payload.IsEmpty || _ready.Value is not { } schema)
        {
            return null;
        }

        using var json = JsonIndex.Of(payload);
        var errors = schema.Check(json, "payload", allowance);
        return errors.Count == 0 ? null
            : allowance is { IsUsedUp: true } ? NotJudged
            : Problems.OfBody([.. errors.Select(e => new FieldError(e.Path, "payload.schema", e.Detail))]);
    }
}
