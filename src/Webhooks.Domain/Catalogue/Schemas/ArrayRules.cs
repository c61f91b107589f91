using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary><c>prefixItems items</c></summary>
/// <param name="prefix">For the first items, one each.</param>
/// <param name="rest">For those after them; null: any.</param>
internal sealed class ItemsRule(Schema[] prefix, Schema? rest) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartArray)
        {
            return true;
        }

        var (holds, position) = (true, 0);
        for (var item = JsonIndex.First(node); item < j.Json.After(node) && (holds || j.TellsAll) && j.Step(); item = j.Json.After(item), position++)
        {
            var schema = position < prefix.Length ? prefix[position] : rest;
            holds &= schema is null || schema.Holds(j, item);
        }

        return holds;
    }
}

/// <summary><c>minItems maxItems</c></summary>
internal sealed class ItemCountRule(long min, long max, string detail) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartArray)
        {
            return true;
        }

        var count = j.Json.Children(node);
        return (count >= min && count <= max) || j.Fail(node, detail);
    }
}

/// <summary><c>contains minContains maxContains</c></summary>
internal sealed class ContainsRule(Schema schema, long min, long max, string detail) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartArray)
        {
            return true;
        }

        long count = 0;
        for (var item = JsonIndex.First(node); item < j.Json.After(node) && j.Step(); item = j.Json.After(item))
        {
            count += j.Silently(schema, item) ? 1 : 0;
        }

        return (count >= min && count <= max) || j.Fail(node, detail);
    }
}

internal sealed class UniqueItemsRule : SchemaRule
{
    /// <summary>To keep an item for those after it costs more than to look at it.</summary>
    private const int StepsOfEntry = 4;

    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartArray)
        {
            return true;
        }

        var alike = new Dictionary<int, List<int>>();
        for (var item = JsonIndex.First(node); item < j.Json.After(node) && j.Step(StepsOfEntry); item = j.Json.After(item))
        {
            var hash = JsonEquality.Hash(j, j.Json, item);
            if (!alike.TryGetValue(hash, out var others))
            {
                alike[hash] = others = [];
            }

            foreach (var other in others)
            {
                if (JsonEquality.Equal(j, j.Json, item, j.Json, other))
                {
                    return j.Fail(item, "Must not equal an item before it (uniqueItems).");
                }
            }

            others.Add(item);
        }

        return true;
    }
}
