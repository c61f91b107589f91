using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>Equal as JSON Schema means it: numbers by value, objects whatever their order; of a name given twice the last counts.</summary>
internal static class JsonEquality
{
    /// <summary>Each comparison is a step of the judgement; when they are used up the answer is false.</summary>
    public static bool Equal(Judgement j, JsonIndex a, int x, JsonIndex b, int y)
    {
        if (!j.Step() || a.Kind(x) != b.Kind(y))
        {
            return false;
        }

        switch (a.Kind(x))
        {
            case JsonTokenType.StartObject:
                return IsWithin(j, a, x, b, y) && HasNamesOf(j, b, y, a, x);
            case JsonTokenType.StartArray:
                return SameItems(j, a, x, b, y);
            case JsonTokenType.Number:
                return j.Read(a.Raw(x).Length + b.Raw(y).Length) && JsonNumber.Compare(new JsonNumber(a.Raw(x)), new JsonNumber(b.Raw(y))) == 0;
            case JsonTokenType.String:
                if (!j.Read(a.Raw(x).Length + b.Raw(y).Length))
                {
                    return false;
                }

                using (var text = a.TextOf(x))
                {
                    using var other = b.TextOf(y);
                    return text.Span.SequenceEqual(other.Span);
                }

            default:
                return true;
        }
    }

    /// <summary>The same for equal values, so that only such need be compared. Differs from run to run, so that nobody can make many that collide.</summary>
    public static int Hash(Judgement j, JsonIndex json, int node)
    {
        var hash = new HashCode();
        hash.Add(json.Kind(node));
        var isText = json.Kind(node) is JsonTokenType.Number or JsonTokenType.String;
        if (!j.Step() || (isText && !j.Read(json.Raw(node).Length)))
        {
            return hash.ToHashCode();
        }

        switch (json.Kind(node))
        {
            case JsonTokenType.Number:
                new JsonNumber(json.Raw(node)).AddTo(ref hash);
                break;
            case JsonTokenType.String:
                using (var text = json.TextOf(node))
                {
                    hash.AddBytes(text.Span);
                }

                break;
            case JsonTokenType.StartArray:
                for (var item = JsonIndex.First(node); item < json.After(node) && !j.IsExhausted; item = json.After(item))
                {
                    hash.Add(Hash(j, json, item));
                }

                break;
            case JsonTokenType.StartObject:
                hash.Add(HashOfMembers(j, json, node));
                break;
        }

        return hash.ToHashCode();
    }

    /// <summary>Whatever their order.</summary>
    private static int HashOfMembers(Judgement j, JsonIndex json, int node)
    {
        var sum = 0;
        for (var member = JsonIndex.First(node); member < json.After(node); member = json.After(member))
        {
            using var name = json.NameOf(member);
            var isLast = json.Member(node, name.Span, out var examined) == member;
            if (!j.Step(examined) || !j.Read(json.RawName(member).Length))
            {
                break;
            }

            if (isLast)
            {
                var one = new HashCode();
                one.AddBytes(name.Span);
                one.Add(Hash(j, json, member));
                sum = unchecked(sum + one.ToHashCode());
            }
        }

        return sum;
    }

    /// <summary>Whether the members of one are in the other, and equal.</summary>
    private static bool IsWithin(Judgement j, JsonIndex a, int x, JsonIndex b, int y)
    {
        for (var member = JsonIndex.First(x); member < a.After(x); member = a.After(member))
        {
            using var name = a.NameOf(member);
            var mine = a.Member(x, name.Span, out var examined);
            var theirs = b.Member(y, name.Span, out var others);
            if (!j.Step(examined + others) || theirs < 0 || (mine == member && !Equal(j, a, mine, b, theirs)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasNamesOf(Judgement j, JsonIndex a, int x, JsonIndex b, int y)
    {
        for (var member = JsonIndex.First(x); member < a.After(x); member = a.After(member))
        {
            using var name = a.NameOf(member);
            var isThere = b.Member(y, name.Span, out var examined) >= 0;
            if (!j.Step(examined) || !isThere)
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameItems(Judgement j, JsonIndex a, int x, JsonIndex b, int y)
    {
        var (left, right) = (JsonIndex.First(x), JsonIndex.First(y));
        for (; left < a.After(x) && right < b.After(y); left = a.After(left), right = b.After(right))
        {
            if (!Equal(j, a, left, b, right))
            {
                return false;
            }
        }

        return left == a.After(x) && right == b.After(y);
    }
}
