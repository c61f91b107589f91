using System.Text.Json;
using System.Text.Unicode;

namespace Webhooks.Api.Http;

/// <summary>
/// A parsed JSON value that remembers where its bytes stand in the request, so that a payload can be passed on byte for byte.
/// Names are kept as they came, duplicates included: who reads an object judges them.
/// </summary>
public sealed class JsonValue
{
    public const int MaxDepth = 64;

    private readonly ReadOnlyMemory<byte> _body;
    private readonly int _start;
    private readonly int _end;

    private JsonValue(ReadOnlyMemory<byte> body, JsonTokenType kind, int start, int end) => (_body, Kind, _start, _end) = (body, kind, start, end);

    /// <summary>StartObject, StartArray, String, Number, True, False or Null.</summary>
    public JsonTokenType Kind { get; }

    public IReadOnlyList<KeyValuePair<string, JsonValue>> Members { get; private init; } = [];
    public IReadOnlyList<JsonValue> Items { get; private init; } = [];

    /// <summary>The same object as it would be read without these members; its bytes stay.</summary>
    public JsonValue Without(IReadOnlyCollection<string> names) => new(_body, Kind, _start, _end) { Members = [.. Members.Where(m => !names.Contains(m.Key))], Items = Items };

    /// <summary>The same value as it would be read without the members, at any depth, that are null; its bytes stay.</summary>
    public JsonValue WithoutNulls() => new(_body, Kind, _start, _end)
    {
        Members = [.. Members.Where(m => m.Value.Kind != JsonTokenType.Null).Select(m => KeyValuePair.Create(m.Key, m.Value.WithoutNulls()))],
        Items = [.. Items.Select(i => i.WithoutNulls())],
    };

    /// <summary>The exact bytes of the value, quotes and inner white space included.</summary>
    public ReadOnlyMemory<byte> Raw => _body[_start.._end];

    /// <param name="left">A member of the outermost object whose value is left as its bytes, whatever is in it: a payload, of which nothing else is asked.</param>
    /// <exception cref="ProblemException">400, naming line and byte: not UTF-8, not JSON, or nested too deeply.</exception>
    public static JsonValue Parse(ReadOnlyMemory<byte> body, string? left = null)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw Problems.Refuse(400, "json.encoding", "The body is not valid UTF-8.");
        }

        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var value = ParseValue(body, ref reader, left);

            // Refuses what follows the value.
            reader.Read();
            return value;
        }
        catch (JsonException e)
        {
            throw Problems.Refuse(400, "json.malformed", $"The body is not valid JSON, or nested more than {MaxDepth} deep: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    private static JsonValue ParseValue(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader, string? left = null)
    {
        var kind = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        switch (kind)
        {
            case JsonTokenType.StartObject:
                var members = new List<KeyValuePair<string, JsonValue>>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = NameAt(ref reader);
                    reader.Read();
                    members.Add(new(name, name == left ? Skip(body, ref reader) : ParseValue(body, ref reader)));
                }

                return new JsonValue(body, kind, start, (int)reader.BytesConsumed) { Members = members };
            case JsonTokenType.StartArray:
                var items = new List<JsonValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ParseValue(body, ref reader));
                }

                return new JsonValue(body, kind, start, (int)reader.BytesConsumed) { Items = items };
            default:
                return new JsonValue(body, kind, start, (int)reader.BytesConsumed);
        }
    }

    private static JsonValue Skip(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader)
    {
        var (kind, start) = (reader.TokenType, (int)reader.TokenStartIndex);
        reader.Skip();
        return new JsonValue(body, kind, start, (int)reader.BytesConsumed);
    }

    /// <summary>A name with a lone surrogate names no field: kept as its raw text, to be refused as unknown.</summary>
    private static string NameAt(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    /// <summary>The text of a String; null where it holds a lone surrogate, which is no text.</summary>
    public string? AsText()
    {
        var reader = ReaderAtValue();
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>An integer written as such: no fraction, no exponent.</summary>
    public bool TryGetInteger(out long value)
    {
        value = 0;
        return Kind == JsonTokenType.Number && ReaderAtValue().TryGetInt64(out value);
    }

    public bool TryGetNumber(out double value)
    {
        value = 0;
        return Kind == JsonTokenType.Number && ReaderAtValue().TryGetDouble(out value) && double.IsFinite(value);
    }

    private Utf8JsonReader ReaderAtValue()
    {
        var reader = new Utf8JsonReader(Raw.Span);
        reader.Read();
        return reader;
    }
}
