using Webhooks.Api.Http;
using Webhooks.Domain.Catalogue;

namespace Webhooks.Api.Catalogue;

/// <summary>Reads a definition: <c>description schema example enforced</c>.</summary>
internal static class EventTypeReader
{
    public const string Body = """
        "description":"An order was paid in full.","schema":{"type":"object","required":["order"],"properties":{"order":{"type":"integer"}}},"example":{"order":4711},"enforced":true
        """;

    /// <summary>A schema and an example come in one body.</summary>
    public const int MaxBytes = 256 * 1024;

    public static readonly FieldDoc[] Fields =
    [
        Documentation.Optional("description", $"For people: up to {EventType.MaxDescriptionLength} characters."),
        Documentation.Optional("schema", "JSON Schema of the payloads, draft 2020-12, at most 64 KiB. Which keywords it may have is told in docs/event-catalogue.md."),
        Documentation.Optional("example", "A payload. With a schema, one that fits it."),
        Documentation.Optional("enforced", "true: events whose payload does not fit the schema are refused with 422. false unless given."),
    ];

    public static EventTypeDefinition Read(Fields body)
    {
        var definition = new EventTypeDefinition(body.OptionalString("description", 0, EventType.MaxDescriptionLength) ?? "")
        {
            Schema = body.OptionalJson("schema"),
            Example = body.OptionalJson("example"),
            Enforced = body.OptionalBoolean("enforced") ?? false,
        };
        body.Refuse(EventTypeRules.Refuse(definition));
        return definition;
    }
}
