using System.Globalization;
using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>What <c>$ref</c> leads to: a place in the same schema, never elsewhere. Nothing is fetched.</summary>
internal sealed class SchemaReferences(JsonIndex json, Dictionary<int, Schema> schemas)
{
    private readonly List<(string Text, Schema From, ReferenceRule Rule, string Field)> _waiting = [];

    /// <summary>Schemas that lead to no circle.</summary>
    private readonly HashSet<Schema> _ending = [];
    private readonly Dictionary<string, Schema> _anchors = new(StringComparer.Ordinal);

    /// <returns>False when the anchor is taken.</returns>
    public bool Name(string anchor, Schema schema) => _anchors.TryAdd(anchor, schema);

    public void Add(string text, Schema from, ReferenceRule rule, string field) => _waiting.Add((text, from, rule, field));

    public Refusal? Resolve()
    {
        foreach (var (text, from, rule, field) in _waiting)
        {
            if (text.Length == 0 || text[0] != '#')
            {
                return Refusal.Invalid(field, "schema.ref", "Must lead to a place in this schema, such as #/$defs/address; nothing is fetched from elsewhere.");
            }

            if (Find(text[1..]) is not { } target)
            {
                return Refusal.Invalid(field, "schema.ref", "Leads to no schema in here.");
            }

            rule.Target = target;
            from.InPlace.Add(target);
        }

        var circular = _waiting.Exists(w => LeadsToACircle(w.From, [])) ? _waiting.FirstOrDefault(w => IsOnACircle(w.From)) : default;
        return circular.Rule is null ? null : Refusal.Invalid(circular.Field, "schema.circle", "Leads back to itself without going into the value: it would never end.");
    }

    private Schema? Find(string fragment)
    {
        if (fragment.Length > 0 && fragment[0] != '/')
        {
            return _anchors.GetValueOrDefault(fragment);
        }

        var node = 0;
        foreach (var token in fragment.Split('/').Skip(1))
        {
            node = Step(node, Uri.UnescapeDataString(token).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
            if (node < 0)
            {
                return null;
            }
        }

        return schemas.GetValueOrDefault(node);
    }

    private int Step(int node, string token)
    {
        if (json.Kind(node) != JsonTokenType.StartArray)
        {
            return json.Member(node, Encoding.UTF8.GetBytes(token), out _);
        }

        if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            return -1;
        }

        var item = JsonIndex.First(node);
        for (; item < json.After(node) && position > 0; position--)
        {
            item = json.After(item);
        }

        return item < json.After(node) ? item : -1;
    }

    /// <summary>Looks at each schema once, whatever the number of references.</summary>
    private bool LeadsToACircle(Schema schema, HashSet<Schema> path)
    {
        if (_ending.Contains(schema))
        {
            return false;
        }

        if (!path.Add(schema) || schema.InPlace.Exists(s => LeadsToACircle(s, path)))
        {
            return true;
        }

        path.Remove(schema);
        _ending.Add(schema);
        return false;
    }

    private static bool IsOnACircle(Schema start)
    {
        var (seen, open) = (new HashSet<Schema>(), new Stack<Schema>(start.InPlace));
        while (open.TryPop(out var schema))
        {
            if (schema == start)
            {
                return true;
            }

            if (seen.Add(schema))
            {
                schema.InPlace.ForEach(open.Push);
            }
        }

        return false;
    }
}
