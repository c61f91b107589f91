using System.Text.Json;
using Webhooks.Domain.Catalogue.Schemas.Patterns;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary><c>properties patternProperties additionalProperties</c>. A name given twice is judged each time.</summary>
/// <param name="additional">For members that no name and no pattern takes; null: any.</param>
internal sealed class PropertiesRule(Dictionary<string, Schema> named, (Pattern Pattern, Schema Schema)[] patterns, Schema? additional) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartObject)
        {
            return true;
        }

        var holds = true;
        for (var member = JsonIndex.First(node); member < j.Json.After(node) && (holds || j.TellsAll) && j.Step(); member = j.Json.After(member))
        {
            holds &= MemberHolds(j, member);
        }

        return holds;
    }

    private bool MemberHolds(Judgement j, int member)
    {
        j.Read(j.Json.RawName(member).Length);
        var name = j.Json.NameStringOf(member);
        var (holds, isKnown) = (true, false);
        if (name is not null && named.TryGetValue(name, out var schema))
        {
            isKnown = true;
            holds = schema.Holds(j, member);
        }

        foreach (var (pattern, ofPattern) in patterns)
        {
            if (name is not null && pattern.Matches(j, name))
            {
                isKnown = true;
                holds &= ofPattern.Holds(j, member);
            }
        }

        return (isKnown || additional is null || additional.Holds(j, member)) && holds;
    }
}

internal sealed class PropertyNamesRule(Schema schema) : SchemaRule
{
    /// <summary>What an index of its own costs.</summary>
    private const int StepsOfIndex = 8;

    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartObject)
        {
            return true;
        }

        var holds = true;
        for (var member = JsonIndex.First(node); member < j.Json.After(node) && (holds || j.TellsAll) && j.Step(); member = j.Json.After(member))
        {
            // A name is judged as the string it is.
            j.Step(StepsOfIndex);
            j.Read(j.Json.RawName(member).Length);
            using var name = JsonIndex.Of((byte[])[(byte)'"', .. j.Json.RawName(member), (byte)'"']);
            holds &= j.Fits(name, schema) || j.Fail(member, "Has a name that is not allowed (propertyNames).");
        }

        return holds;
    }
}

/// <summary><c>minProperties maxProperties</c></summary>
internal sealed class PropertyCountRule(long min, long max, string detail) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartObject)
        {
            return true;
        }

        var count = j.Json.Children(node);
        return (count >= min && count <= max) || j.Fail(node, detail);
    }
}

/// <summary><c>required</c>, and <c>dependentRequired</c> where <paramref name="when"/> is a member's name.</summary>
internal sealed class RequiredRule(byte[]? when, (string Shown, byte[] Utf8)[] names) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartObject || (when is not null && !Has(j, node, when)))
        {
            return true;
        }

        var holds = true;
        foreach (var (shown, name) in names)
        {
            holds &= Has(j, node, name) || (j.Tells && j.Fail(node, $"Must have the member '{shown}' ({(when is null ? "required" : "dependentRequired")})."));
        }

        return holds;
    }

    internal static bool Has(Judgement j, int node, byte[] name)
    {
        var found = j.Json.Member(node, name, out var examined) >= 0;
        return j.Step(examined) && found;
    }
}

internal sealed class DependentSchemaRule(byte[] when, Schema schema) : SchemaRule
{
    public override bool Holds(Judgement j, int node) =>
        j.Json.Kind(node) != JsonTokenType.StartObject || !RequiredRule.Has(j, node, when) || schema.Holds(j, node);
}
