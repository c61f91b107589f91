using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Domain.Payloads;

/// <summary>A JSON value as its text, without white space between tokens: a setting in a language of ours, kept as the customer wrote it. Equal when the texts are.</summary>
[JsonConverter(typeof(JsonTextConverter))]
public sealed record JsonText
{
    private JsonText(string text) => Text = text;

    public string Text { get; }

    public byte[] Utf8 => Encoding.UTF8.GetBytes(Text);

    /// <param name="json">One JSON text in UTF-8.</param>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static JsonText Of(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonIndex.MaxDepth });
        reader.Read();
        return Of(ref reader);
    }

    /// <summary>Reads the value at whose first token the reader stands; digits and escapes stay as they are.</summary>
    internal static JsonText Of(ref Utf8JsonReader reader)
    {
        var output = new ArrayBufferWriter<byte>();
        var depth = reader.CurrentDepth;
        var before = JsonTokenType.None;
        do
        {
            if (NeedsComma(before, reader.TokenType))
            {
                output.Write(","u8);
            }

            WriteToken(output, ref reader);
            before = reader.TokenType;
        }
        while ((reader.CurrentDepth > depth || before is JsonTokenType.StartObject or JsonTokenType.StartArray) && reader.Read());

        return new JsonText(Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static bool NeedsComma(JsonTokenType before, JsonTokenType token) =>
        token is not (JsonTokenType.EndObject or JsonTokenType.EndArray)
        && before is not (JsonTokenType.None or JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.PropertyName);

    private static void WriteToken(ArrayBufferWriter<byte> output, ref Utf8JsonReader reader)
    {
        var isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
        output.Write(isText ? "\""u8 : []);
        if (reader.HasValueSequence)
        {
            foreach (var part in reader.ValueSequence)
            {
                output.Write(part.Span);
            }
        }
        else
        {
            output.Write(reader.ValueSpan);
        }

        output.Write(reader.TokenType == JsonTokenType.PropertyName ? "\":"u8 : isText ? "\""u8 : []);
    }
}

internal sealed class JsonTextConverter : JsonConverter<JsonText>
{
    public override JsonText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonText.Of(ref reader);

    public override void Write(Utf8JsonWriter writer, JsonText value, JsonSerializerOptions options) => writer.WriteRawValue(value.Text, skipInputValidation: true);
}
