using Webhooks.Domain.Messages;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue;

public static class EventTypeRules
{
    public static Refusal? Refuse(string name, string field) =>
        EventTypes.IsReserved(name) ? Refusal.Invalid(field, "event_type.reserved", $"Types that begin with '{EventTypes.ReservedPrefix}' are the service's own.")
        : Sid.TryParse<EventTypeId>(name, out _) ? Refusal.Invalid(field, "event_type.form", "Must not have the form of an event type's sid.")
        : EventTypes.Refuse(name, field);

    /// <param name="allowance">Shared with other definitions, whose examples are judged, too; null: as one payload has it.</param>
    public static Refusal? Refuse(EventTypeDefinition d, JudgingAllowance? allowance = null)
    {
        if (d.Description.Length > EventType.MaxDescriptionLength)
        {
            return Refusal.Invalid("description", "event_type.description", $"Must have at most {EventType.MaxDescriptionLength} characters.");
        }

        if (d.Enforced && d.Schema is null)
        {
            return Refusal.Invalid("enforced", "event_type.enforced", "There is no schema to enforce.");
        }

        Refusal? refusal = null;
        var schema = d.Schema is null ? null : PayloadSchema.Parse(d.Schema, "schema", out refusal);
        return refusal ?? (d.Example is null ? null : RefuseExample(d.Example, schema, allowance));
    }

    public static Refusal? Refuse(EventTypeDeprecated d, string name) => d switch
    {
        { Note.Length: 0 or > EventType.MaxNoteLength } => Refusal.Invalid("note", "event_type.note", $"Must have 1 to {EventType.MaxNoteLength} characters."),
        { ReplacedBy: { } other } when other == name => Refusal.Invalid("replaced_by", "event_type.replaced_by", "A type is not replaced by itself."),
        { ReplacedBy: { } other } => EventTypes.Refuse(other, "replaced_by"),
        _ => null,
    };

    private static Refusal? RefuseExample(JsonText example, PayloadSchema? schema, JudgingAllowance? allowance)
    {
        var bytes = example.Utf8;
        if (bytes.Length > EventType.MaxExampleBytes)
        {
            return Refusal.Invalid("example", "event_type.example", $"Must have at most {EventType.MaxExampleBytes} bytes; it has {bytes.Length}.");
        }

        using var json = JsonIndex.Of(bytes);
        return schema?.Check(json, "example", allowance) is [var first, ..] ? Refusal.Invalid(first.Path, "event_type.example", $"Does not fit the schema: {first.Detail}") : null;
    }
}
