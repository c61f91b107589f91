using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Filtering;

/// <summary>A constant of a filter: a string, number, true, false or null.</summary>
internal sealed class Operand(JsonTokenType kind, byte[] bytes, string shown)
{
    public JsonTokenType Kind { get; } = kind;

    /// <summary>Of a string what it says, in UTF-8; else as written.</summary>
    public byte[] Bytes { get; } = bytes;

    /// <summary>As the filter writes it.</summary>
    public string Shown { get; } = shown;

    public bool EqualTo(JsonIndex payload, int node) => payload.Kind(node) == Kind && Kind switch
    {
        JsonTokenType.String => CompareText(payload, node) == 0,
        JsonTokenType.Number => CompareNumber(payload, node) == 0,
        _ => true,
    };

    /// <summary>The payload's value against this one; null where the two have no order.</summary>
    public int? Compare(JsonIndex payload, int node) =>
        payload.Kind(node) != Kind ? null
        : Kind == JsonTokenType.Number ? CompareNumber(payload, node)
        : Kind == JsonTokenType.String ? CompareText(payload, node)
        : null;

    private int CompareNumber(JsonIndex payload, int node) => JsonNumber.Compare(new JsonNumber(payload.Raw(node)), new JsonNumber(Bytes));

    /// <summary>By UTF-8 bytes, which is the order of code points.</summary>
    private int CompareText(JsonIndex payload, int node)
    {
        using var text = payload.TextOf(node);
        return text.Span.SequenceCompareTo(Bytes);
    }
}

/// <summary><c>$eq $gt $gte $lt $lte</c>: against one constant of the same kind; values of another kind never hold.</summary>
internal sealed class Comparison(string name, Operand operand) : Condition
{
    public override bool Holds(ref Evaluation e, int node, bool isItem) => name == "$eq"
        ? operand.EqualTo(e.Payload, node)
        : operand.Compare(e.Payload, node) is { } order && name switch
        {
            "$gt" => order > 0,
            "$gte" => order >= 0,
            "$lt" => order < 0,
            _ => order <= 0,
        };

    public override string WhyNot(ref Evaluation e, int node, bool isItem, string at) => $"{at} is {Shown.Of(e.Payload, node)}, {Wanted} {operand.Shown}";

    private string Wanted => name switch
    {
        "$eq" => "not",
        "$gt" => "not greater than",
        "$gte" => "not at least",
        "$lt" => "not less than",
        _ => "not at most",
    };
}

/// <summary><c>$in</c>: equal to one of several constants.</summary>
internal sealed class OneOf(Operand[] operands) : Condition
{
    public override bool Holds(ref Evaluation e, int node, bool isItem)
    {
        e.Examine(operands.Length / 8);
        foreach (var operand in operands)
        {
            if (operand.EqualTo(e.Payload, node))
            {
                return true;
            }
        }

        return false;
    }

    public override string WhyNot(ref Evaluation e, int node, bool isItem, string at) =>
        $"{at} is {Shown.Of(e.Payload, node)}, which is none of {Shown.Short(string.Join(", ", operands.Select(o => o.Shown)))}";
}

/// <summary><c>$startsWith $endsWith</c>, and <c>$contains</c>: a part of a string; $contains also an item of an array.</summary>
internal sealed class PartOf(string name, Operand operand) : Condition
{
    public override bool Holds(ref Evaluation e, int node, bool isItem) => e.Payload.Kind(node) switch
    {
        // An item of an array is looked for as a whole, by the array.
        JsonTokenType.String => operand.Kind == JsonTokenType.String && !(isItem && name == "$contains") && HoldsOfText(ref e, node),
        JsonTokenType.StartArray => name == "$contains" && HasItem(ref e, node),
        _ => false,
    };

    private bool HoldsOfText(ref Evaluation e, int node)
    {
        using var text = e.Payload.TextOf(node);
        e.Examine(text.Span.Length / 64);
        return name switch
        {
            "$startsWith" => text.Span.StartsWith(operand.Bytes),
            "$endsWith" => text.Span.EndsWith(operand.Bytes),
            _ => text.Span.IndexOf(operand.Bytes) >= 0,
        };
    }

    private bool HasItem(ref Evaluation e, int array)
    {
        var end = e.Payload.After(array);
        for (var child = JsonIndex.First(array); child < end && !e.IsExhausted; child = e.Payload.After(child))
        {
            e.Examine(1);
            if (operand.EqualTo(e.Payload, child))
            {
                return true;
            }
        }

        return false;
    }

    public override string WhyNot(ref Evaluation e, int node, bool isItem, string at) =>
        $"{at} is {Shown.Of(e.Payload, node)}, which does not {name switch { "$startsWith" => "start with", "$endsWith" => "end with", _ => "contain" }} {operand.Shown}";
}

/// <summary>Values in sentences for people.</summary>
internal static class Shown
{
    private const int MaxLength = 60;

    public static string Of(JsonIndex payload, int node) => payload.Kind(node) switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        _ => Short(Encoding.UTF8.GetString(payload.Raw(node))),
    };

    public static string Short(string text) => text.Length <= MaxLength ? text : $"{text[..MaxLength]}…";
}
