using System.Text;
using System.Text.Json;
using Webhooks.Domain.Catalogue.Schemas.Patterns;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <content>Keywords that hold schemas.</content>
internal sealed partial class SchemaParser
{
    private sealed partial class Keywords
    {
        private void ReadArrays()
        {
            var (prefix, rest) = (List("prefixItems"), Sub("items"));
            if (prefix is not null || rest is not null)
            {
                schema.Rules.Add(new ItemsRule(prefix ?? [], rest));
            }

            if (Bounds("minItems", "maxItems", "items", out var min, out var max) is { } detail)
            {
                schema.Rules.Add(new ItemCountRule(min, max, detail));
            }

            if (Flag("uniqueItems"))
            {
                schema.Rules.Add(new UniqueItemsRule());
            }

            var inWords = Bounds("minContains", "maxContains", "items that fit contains", out min, out max);
            if (Sub("contains") is { } contained)
            {
                min = Values.ContainsKey("minContains") ? min : 1;
                schema.Rules.Add(new ContainsRule(contained, min, max, inWords ?? "Must have at least one item that fits (contains)."));
            }
        }

        private void ReadObjects()
        {
            if (Values.TryGetValue("required", out var required))
            {
                schema.Rules.Add(new RequiredRule(null, Names(required, "required")));
            }

            var (named, patterns, additional) = (Map("properties"), NamePatterns(), Sub("additionalProperties"));
            if (named is not null || patterns.Length > 0 || additional is not null)
            {
                schema.Rules.Add(new PropertiesRule(named ?? [], patterns, additional));
            }

            if (Sub("propertyNames") is { } names)
            {
                schema.Rules.Add(new PropertyNamesRule(names));
            }

            if (Bounds("minProperties", "maxProperties", "members", out var min, out var max) is { } detail)
            {
                schema.Rules.Add(new PropertyCountRule(min, max, detail));
            }

            foreach (var (name, member) in Members("dependentRequired"))
            {
                schema.Rules.Add(new RequiredRule(Encoding.UTF8.GetBytes(name), Names(member, "dependentRequired")));
            }

            foreach (var (name, dependent) in Map("dependentSchemas") ?? [])
            {
                schema.InPlace.Add(dependent);
                schema.Rules.Add(new DependentSchemaRule(Encoding.UTF8.GetBytes(name), dependent));
            }
        }

        private void ReadLogic()
        {
            if (List("allOf") is { } all)
            {
                Add(new AllOfRule(all), all);
            }

            if (List("anyOf") is { } any)
            {
                Add(new AnyOfRule(any), any);
            }

            if (List("oneOf") is { } one)
            {
                Add(new OneOfRule(one), one);
            }

            if (Sub("not") is { } not)
            {
                Add(new NotRule(not), not);
            }

            var (condition, then, otherwise) = (Sub("if"), Sub("then"), Sub("else"));
            if (condition is not null)
            {
                Add(new ConditionalRule(condition, then, otherwise), [.. ((Schema?[])[condition, then, otherwise]).OfType<Schema>()]);
            }
        }

        private void Add(SchemaRule rule, params Schema[] inPlace)
        {
            schema.Rules.Add(rule);
            schema.InPlace.AddRange(inPlace);
        }

        private Schema? Sub(string keyword) => Values.TryGetValue(keyword, out var node) ? parser.ReadSchema(node, At(keyword), depth + 1) : null;

        private Schema[]? List(string keyword)
        {
            if (!Values.TryGetValue(keyword, out var list))
            {
                return null;
            }

            var items = _json.Kind(list) == JsonTokenType.StartArray ? Items(list) : [];
            if (items.Count == 0)
            {
                Refuse(keyword, "Must be a list of at least one schema.");
            }

            return [.. items.Select((item, i) => parser.ReadSchema(item, $"{At(keyword)}[{i}]", depth + 1))];
        }

        private Dictionary<string, Schema>? Map(string keyword) => !Values.ContainsKey(keyword) ? null
            : Members(keyword).ToDictionary(m => m.Name, m => parser.ReadSchema(m.Node, $"{At(keyword)}.{m.Name}", depth + 1), StringComparer.Ordinal);

        private (Pattern, Schema)[] NamePatterns() =>
            [.. from entry in Map("patternProperties") ?? [] let pattern = Pattern(entry.Key, "patternProperties") where pattern is not null select (pattern, entry.Value)];

        private List<(string Name, int Node)> Members(string keyword)
        {
            var members = new List<(string Name, int Node)>();
            if (!Values.TryGetValue(keyword, out var map))
            {
                return members;
            }

            if (_json.Kind(map) != JsonTokenType.StartObject)
            {
                Refuse(keyword, "Must be an object.");
                return members;
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var node in Items(map))
            {
                var name = _json.NameStringOf(node);
                if (name is null || !seen.Add(name))
                {
                    Refuse(keyword, name is null ? "A name here holds a lone surrogate, which is no character." : $"'{name}' is given more than once.");
                    return members;
                }

                members.Add((name, node));
            }

            return members;
        }

        private (string, byte[])[] Names(int list, string keyword)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var item in _json.Kind(list) == JsonTokenType.StartArray ? Items(list) : [list])
            {
                if (_json.Kind(list) != JsonTokenType.StartArray || _json.Kind(item) != JsonTokenType.String || _json.StringOf(item) is not { } name || !names.Add(name))
                {
                    Refuse(keyword, "Must be a list of names, each once.");
                    return [];
                }
            }

            return [.. names.Select(n => (n.Length <= 100 ? n : n[..100] + "…", Encoding.UTF8.GetBytes(n)))];
        }

        private bool Flag(string keyword)
        {
            if (!Values.TryGetValue(keyword, out var node))
            {
                return false;
            }

            if (_json.Kind(node) is not (JsonTokenType.True or JsonTokenType.False))
            {
                Refuse(keyword, "Must be true or false.");
            }

            return _json.Kind(node) == JsonTokenType.True;
        }
    }
}
