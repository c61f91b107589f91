using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Shaping;

/// <summary>
/// JSON as application/x-www-form-urlencoded (WHATWG URL, 5.2). Members of members stand in brackets, items by their
/// index: <c>order[items][0][sku]=A</c>. Null is empty, empty objects and arrays are left out, numbers keep their digits.
/// </summary>
internal sealed class FormBody
{
    public const string ContentType = "application/x-www-form-urlencoded";

    private static readonly SearchValues<byte> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._"u8);

    private readonly BodyWriter _output;
    private readonly JsonIndex _json;

    /// <summary>The encoded name of the value at hand, grown and cut on the way: each part is encoded once, however many values are below it.</summary>
    private readonly List<byte> _pair = [];

    private FormBody(BodyWriter output, JsonIndex json) => (_output, _json) = (output, json);

    /// <exception cref="BodyTooLargeException">The names, written anew with each value, make more than the output takes.</exception>
    public static void Write(BodyWriter output, ReadOnlyMemory<byte> text)
    {
        using var json = JsonIndex.Of(text);
        var form = new FormBody(output, json);
        if (json.Kind(0) != JsonTokenType.StartObject)
        {
            // The name of a payload that is no object.
            form._pair.AddRange("payload"u8);
        }

        form.WriteValue(0);
    }

    private void WriteValue(int node)
    {
        switch (_json.Kind(node))
        {
            case JsonTokenType.StartObject:
                WriteMembers(node);
                break;
            case JsonTokenType.StartArray:
                WriteItems(node);
                break;
            case JsonTokenType.String:
                using (var text = _json.TextOf(node))
                {
                    WritePair(text.Span);
                }

                break;
            case JsonTokenType.Null:
                WritePair([]);
                break;
            default:
                WritePair(_json.Raw(node));
                break;
        }
    }

    private void WriteMembers(int node)
    {
        var prefix = _pair.Count;
        for (var member = JsonIndex.First(node); member < _json.After(node); member = _json.After(member))
        {
            using (var name = _json.NameOf(member))
            {
                if (prefix == 0)
                {
                    Encode(name.Span);
                }
                else
                {
                    _pair.AddRange("%5B"u8);
                    Encode(name.Span);
                    _pair.AddRange("%5D"u8);
                }
            }

            WriteValue(member);
            CutTo(prefix);
        }
    }

    private void WriteItems(int node)
    {
        var (prefix, index) = (_pair.Count, 0);
        Span<byte> digits = stackalloc byte[10];
        for (var item = JsonIndex.First(node); item < _json.After(node); item = _json.After(item))
        {
            _ = index++.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
            _pair.AddRange("%5B"u8);
            _pair.AddRange(digits[..length]);
            _pair.AddRange("%5D"u8);
            WriteValue(item);
            CutTo(prefix);
        }
    }

    private void WritePair(ReadOnlySpan<byte> value)
    {
        if (_output.Written.Length > 0)
        {
            _output.Write("&"u8);
        }

        _pair.AddRange("="u8);
        Encode(value);
        _output.Write(CollectionsMarshal.AsSpan(_pair));
    }

    private void CutTo(int length) => _pair.RemoveRange(length, _pair.Count - length);

    /// <summary>What is not UTF-8, a lone surrogate, becomes U+FFFD.</summary>
    private void Encode(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        }

        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAnyExcept(Plain) is var at and >= 0 ? at : text.Length;
            _pair.AddRange(text[..plain]);
            if (plain < text.Length)
            {
                AddEscaped(text[plain++]);
            }

            text = text[plain..];
        }
    }

    private void AddEscaped(byte b)
    {
        const string Hex = "0123456789ABCDEF";
        _pair.AddRange(b == ' ' ? "+"u8 : [(byte)'%', (byte)Hex[b >> 4], (byte)Hex[b & 15]]);
    }
}
