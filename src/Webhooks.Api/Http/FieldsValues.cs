using System.Text.Json;
using Webhooks.Domain;
using Webhooks.Domain.Payloads;

namespace Webhooks.Api.Http;

/// <content>The kinds of values. Optional readers take null for missing; required ones yield a default after an error.</content>
public sealed partial class Fields
{
    /// <param name="min">Fewest characters (UTF-16 units).</param>
    /// <param name="max">Most characters (UTF-16 units).</param>
    public string String(string name, int min, int max) => Text(name, min, max, required: true) ?? "";

    /// <inheritdoc cref="String"/>
    public string? OptionalString(string name, int min, int max) => Text(name, min, max, required: false);

    public long Integer(string name, long min, long max) => Whole(name, min, max, required: true) ?? min;

    public long? OptionalInteger(string name, long min, long max) => Whole(name, min, max, required: false);

    public int Int(string name, int min, int max) => (int)Integer(name, min, max);

    public int? OptionalInt(string name, int min, int max) => (int?)OptionalInteger(name, min, max);

    public double Number(string name, double min, double max) => Real(name, min, max, required: true) ?? min;

    public double? OptionalNumber(string name, double min, double max) => Real(name, min, max, required: false);

    public bool? OptionalBoolean(string name)
    {
        var json = Find(name, required: false);
        if (json is null or { Kind: JsonTokenType.True or JsonTokenType.False })
        {
            return json is null ? null : json.Kind == JsonTokenType.True;
        }

        RefuseType(name, "true or false");
        return null;
    }

    /// <summary>By the wire's names of the enum's members.</summary>
    public T? OptionalEnum<T>(string name) where T : struct, Enum => Choice<T>(name, required: false);

    /// <inheritdoc cref="OptionalEnum{T}"/>
    public T Enum<T>(string name) where T : struct, Enum => Choice<T>(name, required: true) ?? default;

    public IReadOnlyList<T> Enums<T>(string name, int maxItems) where T : struct, Enum =>
        (Items(name, maxItems, required: true) ?? []).Select((item, i) => ChoiceOf<T>(item, $"{name}[{i}]") ?? default).ToList();

    public T Sid<T>(string name) where T : struct, ISid<T> => Id<T>(name, required: true) ?? default;

    public T? OptionalSid<T>(string name) where T : struct, ISid<T> => Id<T>(name, required: false);

    /// <param name="maxItems">Most items.</param>
    public IReadOnlyList<string> Strings(string name, int maxItems, int minLength, int maxLength) => Texts(name, maxItems, minLength, maxLength, required: true) ?? [];

    /// <inheritdoc cref="Strings"/>
    public IReadOnlyList<string>? OptionalStrings(string name, int maxItems, int minLength, int maxLength) => Texts(name, maxItems, minLength, maxLength, required: false);

    public IReadOnlyList<long>? OptionalIntegers(string name, int maxItems, long min, long max) =>
        Items(name, maxItems, required: false)?.Select((item, i) => WholeOf(item, $"{name}[{i}]", min, max) ?? min).ToList();

    /// <summary>The members of an array of objects, each with its path: <c>headers[2].name</c>.</summary>
    public IReadOnlyList<Fields>? OptionalObjects(string name, int maxItems) =>
        Items(name, maxItems, required: false)?.Select((item, i) => ObjectOf(item, $"{name}[{i}]")).OfType<Fields>().ToList();

    public IReadOnlyList<Fields> Objects(string name, int maxItems) =>
        (Items(name, maxItems, required: true) ?? []).Select((item, i) => ObjectOf(item, $"{name}[{i}]")).OfType<Fields>().ToList();

    public Fields? OptionalObject(string name) => Find(name, required: false) is { } json ? ObjectOf(json, name) : null;

    /// <summary>A member in a language of its own, which the caller reads; null when it is missing or null.</summary>
    public JsonText? OptionalJson(string name) => Find(name, required: false) is { } json ? JsonText.Of(json.Raw.Span) : null;

    /// <summary>The exact bytes of a member of any kind but null; empty after an error.</summary>
    public ReadOnlyMemory<byte> RawValue(string name) => Find(name, required: true)?.Raw ?? default;

    private string? Text(string name, int min, int max, bool required) => Find(name, required) is { } json ? TextOf(json, name, min, max) : null;

    private string? TextOf(JsonValue json, string name, int min, int max)
    {
        if (json.Kind != JsonTokenType.String)
        {
            RefuseType(name, "a string");
            return null;
        }

        switch (json.AsText())
        {
            case null:
                Refuse(name, "field.text", "Holds a lone surrogate, which is no character.");
                return null;
            case var text when text.Contains('\0', StringComparison.Ordinal):
                Refuse(name, "field.text", "Must not hold the character U+0000.");
                return null;
            case var text when text.Length < min || text.Length > max:
                Refuse(name, "field.length", LengthRule(min, max, text.Length));
                return null;
            case var text:
                return text;
        }
    }

    /// <param name="max">int.MaxValue: the caller judges long ones by a rule of its own.</param>
    private static string LengthRule(int min, int max, int length) =>
        min == max ? $"Must be {min} characters."
        : max == int.MaxValue ? "Must not be empty."
        : $"Must be {min} to {max} characters; it has {length}.";

    private long? Whole(string name, long min, long max, bool required) => Find(name, required) is { } json ? WholeOf(json, name, min, max) : null;

    private long? WholeOf(JsonValue json, string name, long min, long max)
    {
        if (!json.TryGetInteger(out var value))
        {
            RefuseType(name, "an integer");
            return null;
        }

        if (value < min || value > max)
        {
            Refuse(name, "field.range", $"Must be {min} to {max}.");
            return null;
        }

        return value;
    }

    private double? Real(string name, double min, double max, bool required)
    {
        if (Find(name, required) is not { } json)
        {
            return null;
        }

        if (!json.TryGetNumber(out var value))
        {
            RefuseType(name, "a number");
            return null;
        }

        if (value < min || value > max)
        {
            Refuse(name, "field.range", $"Must be {min} to {max}.");
            return null;
        }

        return value;
    }

    private T? Choice<T>(string name, bool required) where T : struct, Enum => Find(name, required) is { } json ? ChoiceOf<T>(json, name) : null;

    private T? ChoiceOf<T>(JsonValue json, string name) where T : struct, Enum
    {
        if (TextOf(json, name, 0, int.MaxValue) is not { } text)
        {
            return null;
        }

        if (EnumNames<T>.ByName.TryGetValue(text, out var value))
        {
            return value;
        }

        Refuse(name, "field.value", $"Must be one of {EnumNames<T>.List}.{DidYouMean.Hint(text, EnumNames<T>.ByName.Keys)}");
        return null;
    }

    private T? Id<T>(string name, bool required) where T : struct, ISid<T>
    {
        if (Text(name, 0, int.MaxValue, required) is not { } text)
        {
            return null;
        }

        if (Domain.Sid.TryParse<T>(text, out var id))
        {
            return id;
        }

        Refuse(name, "field.sid", $"Must be a sid of the form {T.Prefix}_….");
        return null;
    }

    private List<string>? Texts(string name, int maxItems, int minLength, int maxLength, bool required) =>
        Items(name, maxItems, required)?.Select((item, i) => TextOf(item, $"{name}[{i}]", minLength, maxLength) ?? "").ToList();

    private IReadOnlyList<JsonValue>? Items(string name, int maxItems, bool required)
    {
        if (Find(name, required) is not { } json)
        {
            return null;
        }

        if (json.Kind != JsonTokenType.StartArray)
        {
            RefuseType(name, "an array");
            return null;
        }

        if (json.Items.Count > maxItems)
        {
            Refuse(name, "field.items", $"Must hold at most {maxItems} items; it holds {json.Items.Count}.");
            return null;
        }

        return json.Items;
    }

    private Fields? ObjectOf(JsonValue json, string name)
    {
        if (json.Kind == JsonTokenType.StartObject)
        {
            return Nested(json, $"{_path}{name}.");
        }

        RefuseType(name, "an object");
        return null;
    }
}
