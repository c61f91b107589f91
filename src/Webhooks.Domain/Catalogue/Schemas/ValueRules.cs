using System.Numerics;
using System.Text.Json;
using Webhooks.Domain.Catalogue.Schemas.Patterns;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

[Flags]
internal enum Kinds
{
    None = 0,
    Object = 1,
    Array = 2,
    String = 4,
    Number = 8,
    Integer = 16,
    Boolean = 32,
    Null = 64,
}

internal sealed class TypeRule(Kinds kinds, string names) : SchemaRule
{
    private readonly string _detail = $"Must be of type {names} (type).";

    public override bool Holds(Judgement j, int node) => (KindOf(j, node) & kinds) != Kinds.None || j.Fail(node, _detail);

    private static Kinds KindOf(Judgement j, int node) => j.Json.Kind(node) switch
    {
        JsonTokenType.StartObject => Kinds.Object,
        JsonTokenType.StartArray => Kinds.Array,
        JsonTokenType.String => Kinds.String,
        JsonTokenType.Number => j.Read(j.Json.Raw(node).Length) && new JsonNumber(j.Json.Raw(node)).IsInteger ? Kinds.Number | Kinds.Integer : Kinds.Number,
        JsonTokenType.Null => Kinds.Null,
        _ => Kinds.Boolean,
    };
}

/// <summary><c>enum</c>, and <c>const</c> as an enum of one.</summary>
/// <param name="schema">The schema's own text, in which the constants stand.</param>
internal sealed class OneOfConstants(JsonIndex schema, int[] constants, string detail) : SchemaRule
{
    private readonly int[] _containers = [.. constants.Where(c => IsContainer(schema, c))];

    /// <summary>By hash: of a long list only those that are alike are compared.</summary>
    private readonly ILookup<int, int> _others = constants.Where(c => !IsContainer(schema, c)).ToLookup(c => JsonEquality.Hash(new Judgement(schema, false, long.MaxValue), schema, c));

    public override bool Holds(Judgement j, int node)
    {
        foreach (var constant in IsContainer(j.Json, node) ? _containers : _others[JsonEquality.Hash(j, j.Json, node)])
        {
            if (JsonEquality.Equal(j, j.Json, node, schema, constant))
            {
                return true;
            }
        }

        return j.Fail(node, detail);
    }

    private static bool IsContainer(JsonIndex json, int node) => json.Kind(node) is JsonTokenType.StartObject or JsonTokenType.StartArray;
}

/// <summary><c>minimum maximum exclusiveMinimum exclusiveMaximum</c></summary>
internal sealed class BoundRule(string keyword, byte[] bound) : SchemaRule
{
    private readonly string _detail = $"Must be {Words(keyword)} {Shown(bound)} ({keyword}).";

    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.Number)
        {
            return true;
        }

        if (!j.Read(j.Json.Raw(node).Length + bound.Length))
        {
            return false;
        }

        var compared = JsonNumber.Compare(new JsonNumber(j.Json.Raw(node)), new JsonNumber(bound));
        var holds = keyword switch
        {
            "minimum" => compared >= 0,
            "maximum" => compared <= 0,
            "exclusiveMinimum" => compared > 0,
            _ => compared < 0,
        };
        return holds || j.Fail(node, _detail);
    }

    private static string Words(string keyword) => keyword switch
    {
        "minimum" => "at least",
        "maximum" => "at most",
        "exclusiveMinimum" => "greater than",
        _ => "less than",
    };

    internal static string Shown(byte[] number) => number.Length <= 40 ? System.Text.Encoding.ASCII.GetString(number) : "a number of many digits";
}

internal sealed class MultipleOfRule(byte[] factor) : SchemaRule
{
    /// <summary>Exact arithmetic with more digits costs more than an event is worth; nobody means such numbers.</summary>
    public const int MaxDigits = 500;

    /// <summary>Of all numbers that are reckoned with.</summary>
    private const int DigitsPerStep = 4;

    private readonly string _detail = $"Must be a multiple of {BoundRule.Shown(factor)} (multipleOf).";

    public override bool Holds(Judgement j, int node) =>
        j.Json.Kind(node) != JsonTokenType.Number
        || (j.Read(j.Json.Raw(node).Length + factor.Length) && IsMultiple(j, new JsonNumber(j.Json.Raw(node)), new JsonNumber(factor)))
        || j.Fail(node, _detail);

    public static bool IsUsable(in JsonNumber number) => number.DigitCount <= MaxDigits && Math.Abs(number.Point) <= MaxDigits;

    private static bool IsMultiple(Judgement j, in JsonNumber number, in JsonNumber factor)
    {
        if (number.DigitCount == 0)
        {
            return true;
        }

        // What is far larger or longer is no number that was reckoned with; too small for the factor it is no multiple anyway.
        if (!IsUsable(number))
        {
            return false;
        }

        var shift = number.Point - number.DigitCount - (factor.Point - factor.DigitCount);
        if (!j.Step((number.DigitCount + factor.DigitCount + Math.Abs(shift)) / DigitsPerStep))
        {
            return false;
        }

        var (dividend, divisor) = (number.Significand(), factor.Significand());
        return shift >= 0
            ? (dividend * BigInteger.Pow(10, (int)shift) % divisor).IsZero
            : (dividend % (divisor * BigInteger.Pow(10, (int)-shift))).IsZero;
    }
}

/// <summary><c>minLength maxLength</c>, in code points.</summary>
internal sealed class LengthRule(long min, long max, string detail) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.String)
        {
            return true;
        }

        if (!j.Read(j.Json.Raw(node).Length))
        {
            return false;
        }

        using var text = j.Json.TextOf(node);
        long count = 0;
        foreach (var b in text.Span)
        {
            count += (b & 0xc0) == 0x80 ? 0 : 1;
        }

        return (count >= min && count <= max) || j.Fail(node, detail);
    }
}

internal sealed class PatternRule(Pattern pattern, string detail) : SchemaRule
{
    // A lone surrogate is no text that a pattern could speak of.
    public override bool Holds(Judgement j, int node) =>
        j.Json.Kind(node) != JsonTokenType.String
        || (j.Read(j.Json.Raw(node).Length) && j.Json.StringOf(node) is { } text && pattern.Matches(j, text))
        || j.Fail(node, detail);
}
