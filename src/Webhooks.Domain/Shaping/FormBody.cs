using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Shaping;

/// <summary>
/// JSON as application/x-www-form-urlencoded (WHATWG URL, 5.2). Members of members stand in brackets, items by their
/// index: <c>order[items][0][sku]=A</c>. Null is empty, empty objects and arrays are left out, numbers keep their digits.
/// </summary>
internal static class FormBody
{
    public const string ContentType = "application/x-www-form-urlencoded";

    /// <summary>The name of a payload that is no object.</summary>
    private const string RootName = "payload";

    private static readonly SearchValues<byte> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._"u8);

    public static void Write(ArrayBufferWriter<byte> output, ReadOnlyMemory<byte> text)
    {
        using var json = JsonIndex.Of(text);
        if (json.Kind(0) == JsonTokenType.StartObject)
        {
            WriteMembers(output, json, 0, "");
        }
        else
        {
            WriteValue(output, json, 0, RootName);
        }
    }

    private static void WriteMembers(ArrayBufferWriter<byte> output, JsonIndex json, int node, string prefix)
    {
        for (var member = JsonIndex.First(node); member < json.After(node); member = json.After(member))
        {
            using var name = json.NameOf(member);
            var encoded = Encode(name.Span);
            WriteValue(output, json, member, prefix.Length == 0 ? encoded : $"{prefix}%5B{encoded}%5D");
        }
    }

    /// <param name="name">Encoded.</param>
    private static void WriteValue(ArrayBufferWriter<byte> output, JsonIndex json, int node, string name)
    {
        switch (json.Kind(node))
        {
            case JsonTokenType.StartObject:
                WriteMembers(output, json, node, name);
                break;
            case JsonTokenType.StartArray:
                var index = 0;
                for (var item = JsonIndex.First(node); item < json.After(node); item = json.After(item))
                {
                    WriteValue(output, json, item, string.Create(CultureInfo.InvariantCulture, $"{name}%5B{index++}%5D"));
                }

                break;
            case JsonTokenType.String:
                using (var text = json.TextOf(node))
                {
                    WritePair(output, name, Encode(text.Span));
                }

                break;
            case JsonTokenType.Null:
                WritePair(output, name, "");
                break;
            default:
                WritePair(output, name, Encode(json.Raw(node)));
                break;
        }
    }

    private static void WritePair(ArrayBufferWriter<byte> output, string name, string value)
    {
        if (output.WrittenCount > 0)
        {
            output.Write("&"u8);
        }

        Encoding.UTF8.GetBytes($"{name}={value}", output);
    }

    /// <summary>What is not UTF-8, a lone surrogate, becomes U+FFFD.</summary>
    private static string Encode(ReadOnlySpan<byte> text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text))
        {
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        }

        var encoded = new StringBuilder(text.Length);
        foreach (var b in text)
        {
            _ = Plain.Contains(b) ? encoded.Append((char)b) : b == ' ' ? encoded.Append('+') : encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }
}
