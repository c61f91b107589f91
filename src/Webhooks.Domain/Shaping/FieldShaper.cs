using System.Text.Encodings.Web;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Shaping;

/// <summary>
/// Writes a payload with some of its fields left out, hidden, renamed or set. One pass; what no rule speaks of is copied
/// byte for byte. Of a name given twice, both are treated alike.
/// </summary>
/// <param name="fields">Rules by the names that the payload has.</param>
/// <param name="constants">Values by the names that the result has.</param>
/// <param name="mask">The JSON that stands for a redacted value.</param>
internal sealed class FieldShaper(ShapeNode fields, ShapeNode constants, byte[] mask)
{
    private readonly bool _keepsAll = !fields.SelectsInside;

    public void Write(BodyWriter output, JsonIndex json)
    {
        var isContainer = json.Kind(0) is JsonTokenType.StartObject or JsonTokenType.StartArray;
        if (_keepsAll || isContainer)
        {
            WriteValue(output, json, 0, fields, constants, _keepsAll);
        }
        else
        {
            output.Write("null"u8);
        }
    }

    private void WriteValue(BodyWriter output, JsonIndex json, int node, ShapeNode? field, ShapeNode? constant, bool kept)
    {
        if (field?.IsRedacted == true)
        {
            output.Write(mask);
        }
        else if (kept && field is not { Members.Count: > 0 } && constant is null)
        {
            output.Write(json.Raw(node));
        }
        else if (json.Kind(node) == JsonTokenType.StartObject)
        {
            WriteObject(output, json, node, field, constant, kept);
        }
        else if (json.Kind(node) == JsonTokenType.StartArray)
        {
            WriteArray(output, json, node, field, constant, kept);
        }
        else
        {
            output.Write(json.Raw(node));
        }
    }

    private void WriteArray(BodyWriter output, JsonIndex json, int node, ShapeNode? field, ShapeNode? constant, bool kept)
    {
        output.Write("["u8);
        var isFirst = true;
        for (var item = JsonIndex.First(node); item < json.After(node); item = json.After(item))
        {
            // A path on from here finds nothing in an item that is no container.
            if (kept || json.Kind(item) is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                Separate(output, ref isFirst);
                WriteValue(output, json, item, field, constant, kept);
            }
        }

        output.Write("]"u8);
    }

    private void WriteObject(BodyWriter output, JsonIndex json, int node, ShapeNode? field, ShapeNode? constant, bool kept)
    {
        output.Write("{"u8);
        var isFirst = true;
        Span<bool> set = stackalloc bool[constant?.Members.Count ?? 0];
        Span<bool> renamed = stackalloc bool[field?.Renames == true ? field.Members.Count : 0];
        if (renamed.Length > 0)
        {
            field!.FindRenamed(json, node, kept, renamed);
        }

        for (var member = JsonIndex.First(node); member < json.After(node); member = json.After(member))
        {
            using var name = json.NameOf(member);
            var rule = field?.Find(name.Span);
            if (!IsWritten(json, member, rule, kept) || (rule?.NewName is null && field?.RenamesTo(name.Span, renamed) == true))
            {
                continue;
            }

            var value = MarkSet(constant, rule?.NewName ?? name.Span, set, out var isRepeated);
            if (isRepeated)
            {
                continue;
            }

            Separate(output, ref isFirst);
            WriteName(output, json, member, rule);
            if (value?.Constant is { } literal)
            {
                output.Write(literal);
            }
            else
            {
                WriteValue(output, json, member, rule, value, kept || rule?.IsSelected == true);
            }
        }

        WriteMissing(output, constant, set, ref isFirst);
        output.Write("}"u8);
    }

    private static bool IsWritten(JsonIndex json, int member, ShapeNode? rule, bool kept)
    {
        var isContainer = json.Kind(member) is JsonTokenType.StartObject or JsonTokenType.StartArray;
        return rule?.IsDropped != true
            && (kept || rule?.IsSelected == true || (isContainer && rule?.SelectsInside == true));
    }

    /// <param name="isRepeated">The constant stands already, under a name that the payload has twice.</param>
    private static ShapeNode? MarkSet(ShapeNode? constant, ReadOnlySpan<byte> name, Span<bool> set, out bool isRepeated)
    {
        isRepeated = false;
        for (var i = 0; i < set.Length; i++)
        {
            var (memberName, node) = constant!.Members[i];
            if (name.SequenceEqual(memberName))
            {
                isRepeated = set[i] && node.Constant is not null;
                set[i] = true;
                return node;
            }
        }

        return null;
    }

    private static void WriteMissing(BodyWriter output, ShapeNode? constant, ReadOnlySpan<bool> set, ref bool isFirst)
    {
        for (var i = 0; i < set.Length; i++)
        {
            if (!set[i])
            {
                var (name, node) = constant!.Members[i];
                Separate(output, ref isFirst);
                WriteName(output, name);
                WriteConstant(output, node);
            }
        }
    }

    private static void WriteConstant(BodyWriter output, ShapeNode node)
    {
        if (node.Constant is { } literal)
        {
            output.Write(literal);
            return;
        }

        output.Write("{"u8);
        var isFirst = true;
        WriteMissing(output, node, stackalloc bool[node.Members.Count], ref isFirst);
        output.Write("}"u8);
    }

    private static void WriteName(BodyWriter output, JsonIndex json, int member, ShapeNode? rule)
    {
        if (rule?.NewName is { } newName)
        {
            WriteName(output, newName);
            return;
        }

        output.Write("\""u8);
        output.Write(json.RawName(member));
        output.Write("\":"u8);
    }

    private static void WriteName(BodyWriter output, byte[] name)
    {
        output.Write("\""u8);
        output.Write(JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        output.Write("\":"u8);
    }

    private static void Separate(BodyWriter output, ref bool isFirst)
    {
        if (!isFirst)
        {
            output.Write(","u8);
        }

        isFirst = false;
    }
}
