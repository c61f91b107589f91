using System.Runtime.InteropServices;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Filtering;

/// <summary>One filter asked about one payload. Lives on the stack; the index is shared by all filters.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct Evaluation(JsonIndex payload)
{
    /// <summary>Reading so many bytes of a value costs as much as to look at one.</summary>
    private const int BytesPerLook = 64;

    private int _left = PayloadFilter.MaxExamined;
    private int _textNode = -1;
    private PlainText _text;
    private int _numberNode = -1;
    private JsonNumber _number;

    public JsonIndex Payload { get; } = payload;

    public readonly bool IsExhausted => _left < 0;

    public void Examine(int values) => _left -= values;

    public void ExamineBytes(int bytes) => _left -= bytes / BytesPerLook;

    /// <summary>What a String says, made ready once for all that ask about it in a row. Valid until the next text is asked for.</summary>
    public ReadOnlySpan<byte> TextOf(int node)
    {
        if (_textNode != node)
        {
            _text.Dispose();
            _text = Payload.TextOf(node);
            _textNode = node;
            ExamineBytes(_text.IsCopy ? Payload.Raw(node).Length : 0);
        }

        return _text.Span;
    }

    /// <summary>A Number, read once for all that ask about it in a row.</summary>
    public JsonNumber NumberOf(int node)
    {
        if (_numberNode != node)
        {
            _number = new JsonNumber(Payload.Raw(node));
            _numberNode = node;
            ExamineBytes(Payload.Raw(node).Length);
        }

        return _number;
    }

    /// <summary>Gives the text back that was made ready.</summary>
    public void Dispose()
    {
        _text.Dispose();
        _textNode = -1;
    }
}
