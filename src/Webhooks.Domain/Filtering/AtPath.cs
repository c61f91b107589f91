using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Filtering;

/// <summary>
/// A condition on what stands at a path: holds when it holds of one value there. A path through an array goes into each of
/// its items; an array at its end is asked as such and item by item.
/// </summary>
internal sealed class AtPath(JsonPath path, Condition condition) : Condition
{
    public JsonPath Path { get; } = path;

    public override bool SpeaksOfMembers { get; } = path.Steps is [{ Name: not null }, ..] || (path.Steps.Length == 0 && condition.SpeaksOfMembers);

    public override bool Holds(ref Evaluation e, int node, bool isItem) => Walk(ref e, node, 0, isItem && Path.Steps.Length == 0);

    private bool Walk(ref Evaluation e, int node, int step, bool isItem)
    {
        if (step == Path.Steps.Length)
        {
            return HoldsOf(ref e, node, isItem);
        }

        var (name, index) = Path.Steps[step];
        if (name is null)
        {
            var item = Item(ref e, node, index);
            return item >= 0 && Walk(ref e, item, step + 1, false);
        }

        if (e.Payload.Kind(node) != JsonTokenType.StartArray)
        {
            var member = e.Payload.Member(node, name, out var examined);
            e.Examine(examined);
            return member >= 0 && Walk(ref e, member, step + 1, false);
        }

        var end = e.Payload.After(node);
        for (var child = JsonIndex.First(node); child < end && !e.IsExhausted; child = e.Payload.After(child))
        {
            if (Walk(ref e, child, step, false))
            {
                return true;
            }

            e.Examine(1);
        }

        return false;
    }

    private bool HoldsOf(ref Evaluation e, int node, bool isItem)
    {
        var isList = !isItem && e.Payload.Kind(node) == JsonTokenType.StartArray;
        e.Examine(1);
        if (!(isList && condition.SpeaksOfMembers) && condition.Holds(ref e, node, isItem))
        {
            return true;
        }

        var end = isList ? e.Payload.After(node) : 0;
        for (var child = JsonIndex.First(node); child < end && !e.IsExhausted; child = e.Payload.After(child))
        {
            e.Examine(1);
            if (condition.Holds(ref e, child, true))
            {
                return true;
            }
        }

        return false;
    }

    private static int Item(ref Evaluation e, int node, int index)
    {
        if (e.Payload.Kind(node) != JsonTokenType.StartArray)
        {
            return -1;
        }

        var (child, end) = (JsonIndex.First(node), e.Payload.After(node));
        for (; child < end && index > 0; index--)
        {
            child = e.Payload.After(child);
            e.Examine(1);
        }

        return child < end ? child : -1;
    }

    public override string WhyNot(ref Evaluation e, int node, bool isItem, string at)
    {
        var name = Name(at, Path);
        var values = new List<int>();
        Collect(ref e, node, 0, values);
        var single = values.Count == 1 && e.Payload.Kind(values[0]) != JsonTokenType.StartArray;
        return values.Count == 0 ? $"{name} is missing"
            : single ? condition.WhyNot(ref e, values[0], isItem && Path.Steps.Length == 0, name)
            : values.Count == 1 && e.Payload.After(values[0]) == JsonIndex.First(values[0]) ? $"{name} is an empty array"
            : $"of no value of {name} all is so: {condition.WhyNot(ref e, FirstOf(ref e, values[0]), true, $"the first of {name}")}";
    }

    private static int FirstOf(ref Evaluation e, int node) => e.Payload.Kind(node) == JsonTokenType.StartArray ? JsonIndex.First(node) : node;

    /// <summary>All values at the path, for people.</summary>
    private void Collect(ref Evaluation e, int node, int step, List<int> values)
    {
        if (step == Path.Steps.Length)
        {
            values.Add(node);
            return;
        }

        var (name, index) = Path.Steps[step];
        if (name is not null && e.Payload.Kind(node) == JsonTokenType.StartArray)
        {
            for (var child = JsonIndex.First(node); child < e.Payload.After(node); child = e.Payload.After(child))
            {
                Collect(ref e, child, step, values);
            }
        }
        else if ((name is null ? Item(ref e, node, index) : e.Payload.Member(node, name, out _)) is var next and >= 0)
        {
            Collect(ref e, next, step + 1, values);
        }
    }

    /// <param name="at">Empty: the payload.</param>
    internal static string Name(string at, JsonPath path) =>
        path.Steps.Length == 0 ? at : at == PayloadFilter.Root ? path.Text : path.Text[0] == '[' ? at + path.Text : $"{at}.{path.Text}";
}
