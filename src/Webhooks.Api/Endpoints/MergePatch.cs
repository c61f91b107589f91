using System.Buffers;
using System.Text.Json;
using Webhooks.Api.Http;

namespace Webhooks.Api.Endpoints;

/// <summary>
/// JSON Merge Patch (RFC 7396). Nulls stay in the result, where readers take them for a default: a null for a field that
/// does not exist is so refused like any other unknown field.
/// </summary>
internal static class MergePatch
{
    /// <summary>Languages of their own, in which a null is a value and a name may mean anything: replaced, never merged.</summary>
    private static readonly string[] Wholes = ["filter", "shape", "schema", "example"];

    /// <param name="superseded">The present members that go when the patch names this one, by their names in snake_case. Null: none ever.</param>
    /// <exception cref="ProblemException">400: the patch is not an object.</exception>
    public static JsonValue Apply(JsonValue present, JsonValue patch, Func<string, IEnumerable<string>>? superseded = null)
    {
        if (patch.Kind != JsonTokenType.StartObject)
        {
            throw Problems.Refuse(400, "json.not_an_object", "The body must be a JSON object.");
        }

        var merged = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(merged))
        {
            Write(json, present, patch, superseded is null ? [] : patch.Members.SelectMany(m => superseded(Canonical(m.Key))).ToHashSet());
        }

        return JsonValue.Parse(merged.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter json, JsonValue present, JsonValue patch, HashSet<string> gone)
    {
        json.WriteStartObject();
        foreach (var (name, value) in present.Members.Where(m => Find(patch, m.Key) is null && !gone.Contains(m.Key)))
        {
            WriteMember(json, name, value);
        }

        foreach (var (name, value) in patch.Members)
        {
            if (!Wholes.Contains(Canonical(name)) && Find(present, Canonical(name)) is { } old && IsMerged(old, value))
            {
                json.WritePropertyName(name);
                Write(json, old, value, []);
            }
            else
            {
                WriteMember(json, name, value);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>An object of another kind replaces the one there: fields of the old kind mean nothing to it.</summary>
    private static bool IsMerged(JsonValue old, JsonValue value) =>
        old.Kind == JsonTokenType.StartObject && value.Kind == JsonTokenType.StartObject
        && (Find(value, "kind") is not { } kind || Find(old, "kind") is not { } oldKind || kind.Raw.Span.SequenceEqual(oldKind.Raw.Span));

    private static void WriteMember(Utf8JsonWriter json, string name, JsonValue value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.Raw.Span, skipInputValidation: true);
    }

    /// <param name="name">In snake_case; the object may spell it in camelCase.</param>
    private static JsonValue? Find(JsonValue json, string name) => json.Members.FirstOrDefault(m => Canonical(m.Key) == name).Value;

    private static string Canonical(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
