using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Payloads;

namespace Webhooks.Api.Catalogue;

/// <summary>A type that events are judged by. Its schema is made ready when the first event asks for it.</summary>
internal sealed class EnforcedType
{
    private static readonly Problem NotJudged =
        new(503, "event.not_judged", "The event was not accepted: to judge those before it in this batch by their schemas took all that a batch may take. Send it again, with fewer others.") { RetryAfterSeconds = 1 };

    private readonly JsonText? _schema;
    private readonly Lazy<PayloadSchema?> _ready;

    /// <param name="ready">Makes a schema ready; its answer is null where it is not enforced.</param>
    public EnforcedType(CompanyId company, string name, EventTypeDefinition definition, MakeReady ready)
    {
        var schema = definition.Schema;
        (_schema, Enforced) = (schema, definition.Enforced);

        // A Lazy of the usual kind keeps what was thrown once, and no event of the type would get through any more. This one
        // is tried again, and many may try at a time.
        _ready = new(() => schema is null ? null : ready(company, name, schema), LazyThreadSafetyMode.PublicationOnly);
    }

    internal delegate PayloadSchema? MakeReady(CompanyId company, string name, JsonText schema);

    public bool Enforced { get; }

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
