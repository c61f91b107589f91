using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Signing;

/// <summary>
/// Writes a JSON text as <c>JSON.stringify(JSON.parse(text))</c> would (ECMA-262, 25.5): without white space, numbers as
/// the doubles they are read as, text unescaped where it may be, of repeated keys the last value at the first one's
/// place, and keys that are array indices first. Receivers that sign what they parsed get what we signed.
/// </summary>
public static class EcmaScriptJson
{
    /// <summary>Objects and arrays inside one another: what is emitted has fewer, and so has what a shape makes of it.</summary>
    public const int MaxDepth = JsonIndex.MaxDepth;

    /// <param name="json">One JSON text in UTF-8; bytes that are not UTF-8 become U+FFFD, as they do for the receiver.</param>
    /// <exception cref="JsonException">Not JSON, or nested deeper than <see cref="MaxDepth"/>. Nothing was written then.</exception>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        using var text = new EcmaScriptText(json.Length);
        reader.Read();
        WriteValue(text, ref reader);
        reader.Read();
        output.Write(text.Written);
    }

    private static void WriteValue(EcmaScriptText text, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(text, ref reader);
                break;
            case JsonTokenType.StartArray:
                WriteArray(text, ref reader);
                break;
            case JsonTokenType.String:
                text.AppendString(reader.ValueSpan, reader.ValueIsEscaped);
                break;
            case JsonTokenType.Number:
                text.AppendNumber(reader.ValueSpan);
                break;
            default:
                text.Append(reader.ValueSpan);
                break;
        }
    }

    private static void WriteObject(EcmaScriptText text, ref Utf8JsonReader reader)
    {
        text.Append("{"u8);
        var (members, start) = (text.BeginMembers(), text.Length);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            text.AppendSeparator(start);
            var keyStart = text.Length;
            text.AppendString(reader.ValueSpan, reader.ValueIsEscaped);
            var keyEnd = text.Length;
            text.Append(":"u8);
            reader.Read();
            WriteValue(text, ref reader);
            text.AddMember(keyStart, keyEnd);
        }

        text.EndMembers(members, start);
        text.Append("}"u8);
    }

    private static void WriteArray(EcmaScriptText text, ref Utf8JsonReader reader)
    {
        text.Append("["u8);
        var start = text.Length;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            text.AppendSeparator(start);
            WriteValue(text, ref reader);
        }

        text.Append("]"u8);
    }
}
