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

    public bool EqualTo(ref Evaluation e, int node) => e.Payload.Kind(node) == Kind && Kind switch
    {
        JsonTokenType.String => IsText(ref e, node),
        JsonTokenType.Number => CompareNumber(ref e, node) == 0,
        _ => true,
    };

    /// <summary>The payload's value against this one; null where the two have no order.</summary>
    public int? Compare(ref Evaluation e, int node) =>
        e.Payload.Kind(node) != Kind ? null
        : Kind == JsonTokenType.Number ? CompareNumber(ref e, node)
        : Kind == JsonTokenType.String ? CompareText(ref e, node)
        : null;

    private int CompareNumber(ref Evaluation e, int node)
    {
        e.ExamineBytes(Bytes.Length);
        return JsonNumber.Compare(e.NumberOf(node), new JsonNumber(Bytes));
    }

    private bool IsText(ref Evaluation e, int node)
    {
        var text = e.TextOf(node);
        e.ExamineBytes(text.Length == Bytes.Length ? Bytes.Length : 0);
        return text.SequenceEqual(Bytes);
    }

    /// <summary>By UTF-8 bytes, which is the order of code points.</summary>
    private int CompareText(ref Evaluation e, int node)
    {
        var text = e.TextOf(node);
        e.ExamineBytes(Math.Min(text.Length, Bytes.Length));
        return text.SequenceCompareTo(Bytes);
    }
}

/// <summary><c>$eq $gt $gte $lt $lte</c>: against one constant of the same kind; values of another kind never hold.</summary>
internal sealed class Comparison(string name, Operand operand) : Condition
{
    public override bool Holds(ref Evaluation e, int node, bool isItem) => name == "$eq"
        ? operand.EqualTo(ref e, node)
        : operand.Compare(ref e, node) is { } order && name switch
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
            if (operand.EqualTo(ref e, node))
            {
                return true;
            }

            if (e.IsExhausted)
            {
                return false;
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
        var text = e.TextOf(node);
        e.ExamineBytes(text.Length);
        return name switch
        {
            "$startsWith" => text.StartsWith(operand.Bytes),
            "$endsWith" => text.EndsWith(operand.Bytes),
            _ => text.IndexOf(operand.Bytes) >= 0,
        };
    }

    private bool HasItem(ref Evaluation e, int array)
    {
        var end = e.Payload.After(array);
        for (var child = JsonIndex.First(array); child < end && !e.IsExhausted; child = e.Payload.After(child))
        {
            e.Examine(1);
            if (operand.EqualTo(ref e, child))
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
