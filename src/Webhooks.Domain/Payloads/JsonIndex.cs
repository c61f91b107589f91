using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Webhooks.Domain.Payloads;

/// <summary>
/// Where every value of a JSON text stands: made in one pass, in a pooled table, and shared by all who ask about the same
/// text. Values are numbered in the order of the text; 0 is the root. Not safe to use after Dispose.
/// </summary>
public sealed class JsonIndex : IDisposable
{
    /// <summary>Deeper than any payload that is accepted.</summary>
    public const int MaxDepth = 128;

    /// <summary>Comparing so many bytes of a name costs as much as to look at a member.</summary>
    private const int BytesPerLook = 512;

    /// <inheritdoc cref="BytesPerLook"/>
    private const int EscapedBytesPerLook = 8;

    private readonly ReadOnlyMemory<byte> _json;
    private Node[] _nodes;
    private int _count;

    private JsonIndex(ReadOnlyMemory<byte> json)
    {
        _json = json;
        _nodes = ArrayPool<Node>.Shared.Rent(Math.Max(16, json.Length / 16));
    }

    /// <param name="json">One JSON text in UTF-8; it must not change while the index is used.</param>
    /// <exception cref="JsonException">Not JSON, or deeper than <see cref="MaxDepth"/>.</exception>
    public static JsonIndex Of(ReadOnlyMemory<byte> json)
    {
        var index = new JsonIndex(json);
        try
        {
            index.Build();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>StartObject, StartArray, String, Number, True, False or Null.</summary>
    public JsonTokenType Kind(int node) => _nodes[node].Kind;

    /// <summary>Where a value's bytes begin in the text.</summary>
    public int Offset(int node) => _nodes[node].Start;

    /// <summary>The exact bytes of a value, quotes included.</summary>
    public ReadOnlySpan<byte> Raw(int node) => _json.Span.Slice(_nodes[node].Start, _nodes[node].Length);

    /// <summary>The exact bytes of a member's name, without quotes.</summary>
    public ReadOnlySpan<byte> RawName(int node) => _json.Span.Slice(_nodes[node].NameStart, _nodes[node].NameLength);

    /// <summary>Whether a member has this name, however its letters are escaped.</summary>
    public bool NameIs(int node, ReadOnlySpan<byte> name)
    {
        var raw = RawName(node);
        if (!_nodes[node].IsNameEscaped)
        {
            return raw.SequenceEqual(name);
        }

        if (!MayBe(raw, name))
        {
            return false;
        }

        using var text = NameOf(node);
        return text.Span.SequenceEqual(name);
    }

    /// <summary>An escape is longer than what it stands for, by six times at most.</summary>
    private static bool MayBe(ReadOnlySpan<byte> escaped, ReadOnlySpan<byte> name) => escaped.Length > name.Length && escaped.Length / 6 <= name.Length;

    internal PlainText NameOf(int node) => PlainText.Of(RawName(node), _nodes[node].IsNameEscaped);

    /// <summary>What a String says.</summary>
    internal PlainText TextOf(int node) => PlainText.Of(Raw(node)[1..^1], _nodes[node].IsEscaped);

    /// <summary>The first member or item; equal to <see cref="After"/> of the container where there is none.</summary>
    public static int First(int container) => container + 1;

    /// <summary>What follows a value and all that is in it: its next sibling, or the end of its container.</summary>
    public int After(int node) => _nodes[node].After;

    public int Count => _count;

    /// <summary>Members of an object, items of an array; 0 of other values.</summary>
    public int Children(int node) => _nodes[node].Children;

    /// <summary>The member of this name; of several the last, as JSON.parse has it. −1 where there is none.</summary>
    /// <param name="examined">What it took: 1 for each member, and more where a long name had to be compared.</param>
    public int Member(int node, ReadOnlySpan<byte> name, out int examined)
    {
        var found = -1;
        examined = 1;
        if (Kind(node) == JsonTokenType.StartObject)
        {
            var end = After(node);
            for (var child = First(node); child < end; child = After(child))
            {
                found = NameIs(child, name) ? child : found;
                examined += 1 + (_nodes[child].IsNameEscaped ? name.Length / EscapedBytesPerLook : _nodes[child].NameLength == name.Length ? name.Length / BytesPerLook : 0);
            }
        }

        return found;
    }

    private void Build()
    {
        var reader = new Utf8JsonReader(_json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        Span<int> open = stackalloc int[MaxDepth];
        var depth = 0;
        Node next = default;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    next = new Node { NameStart = (int)reader.TokenStartIndex + 1, NameLength = reader.ValueSpan.Length, IsNameEscaped = reader.ValueIsEscaped };
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    ref var container = ref _nodes[open[--depth]];
                    (container.Length, container.After) = ((int)reader.BytesConsumed - container.Start, _count);
                    break;
                default:
                    (next.Kind, next.Start, next.IsEscaped) = (reader.TokenType, (int)reader.TokenStartIndex, reader.ValueIsEscaped);
                    next.Length = (int)reader.BytesConsumed - next.Start;
                    next.After = _count + 1;
                    if (depth > 0)
                    {
                        _nodes[open[depth - 1]].Children++;
                    }

                    if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    {
                        open[depth++] = _count;
                    }

                    Add(next);
                    next = default;
                    break;
            }
        }
    }

    private void Add(in Node node)
    {
        if (_count == _nodes.Length)
        {
            var larger = ArrayPool<Node>.Shared.Rent(_count * 2);
            _nodes.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<Node>.Shared.Return(_nodes);
            _nodes = larger;
        }

        _nodes[_count++] = node;
    }

    public void Dispose()
    {
        ArrayPool<Node>.Shared.Return(_nodes);
        (_nodes, _count) = ([], 0);
    }

    /// <summary>The text of a String for people and settings; null where it holds a lone surrogate, which is no text.</summary>
    public string? StringOf(int node)
    {
        using var text = TextOf(node);
        return text.AsString();
    }

    /// <inheritdoc cref="StringOf"/>
    public string? NameStringOf(int node)
    {
        using var text = NameOf(node);
        return text.AsString();
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Node
    {
        public int NameStart;
        public int NameLength;
        public int Start;
        public int Length;
        public int After;
        public int Children;
        public JsonTokenType Kind;
        public bool IsEscaped;
        public bool IsNameEscaped;
    }
}
