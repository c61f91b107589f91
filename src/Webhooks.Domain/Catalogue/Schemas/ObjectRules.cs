using System.Text.Json;
using System.Text.RegularExpressions;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary><c>properties patternProperties additionalProperties</c>. A name given twice is judged each time.</summary>
/// <param name="additional">For members that no name and no pattern takes; null: any.</param>
internal sealed class PropertiesRule(Dictionary<string, Schema> named, (Regex Pattern, Schema Schema)[] patterns, Schema? additional) : SchemaRule
{
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartObject)
        {
            return true;
        }

        var holds = true;
        for (var member = JsonIndex.First(node); member < j.Json.After(node) && (holds || j.Errors is not null); member = j.Json.After(member))
        {
            holds &= MemberHolds(j, member);
        }

        return holds;
    }

    private bool MemberHolds(Judgement j, int member)
    {
        var name = j.Json.NameStringOf(member);
        var (holds, isKnown) = (true, false);
        if (name is not null && named.TryGetValue(name, out var schema))
        {
            isKnown = true;
            holds = schema.Holds(j, member);
        }

        foreach (var (pattern, ofPattern) in patterns)
        {
            if (name is not null && pattern.IsMatch(name))
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
    public override bool Holds(Judgement j, int node)
    {
        if (j.Json.Kind(node) != JsonTokenType.StartObject)
        {
            return true;
        }

        var holds = true;
        for (var member = JsonIndex.First(node); member < j.Json.After(node) && (holds || j.Errors is not null); member = j.Json.After(member))
        {
            // A name is judged as the string it is.
            using var name = JsonIndex.Of((byte[])[(byte)'"', .. j.Json.RawName(member), (byte)'"']);
            var ofName = new Judgement(name, null);
            var isAllowed = schema.Holds(ofName, 0);
            holds &= (j.Step(ofName.Steps) && isAllowed) || j.Fail(member, "Has a name that is not allowed (propertyNames).");
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

        long count = 0;
        for (var member = JsonIndex.First(node); member < j.Json.After(node); member = j.Json.After(member))
        {
            count++;
        }

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
        foreach (var (shown, utf8) in names)
        {
            holds &= Has(j, node, utf8) || j.Fail(node, $"Must have the member '{shown}' ({(when is null ? "required" : "dependentRequired")}).");
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
