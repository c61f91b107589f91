using System.Text;
using System.Text.Json;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>Reads a JSON Schema and makes its rules ready. A keyword that is not known is refused: misspelled it would check nothing, silently.</summary>
internal sealed partial class SchemaParser
{
    private readonly JsonIndex _json;
    private readonly Dictionary<int, Schema> _schemas = [];
    private readonly SchemaReferences _references;
    private Refusal? _refusal;
    private int _patterns;
    private int _patternPlaces;

    private SchemaParser(JsonIndex json) => (_json, _references) = (json, new SchemaReferences(json, _schemas));

    public static PayloadSchema? Parse(JsonText text, string field, out Refusal? refusal)
    {
        var bytes = text.Utf8;
        if (bytes.Length > PayloadSchema.MaxBytes)
        {
            refusal = Refusal.Invalid(field, "schema.too_large", $"A schema may have at most {PayloadSchema.MaxBytes} bytes; this one has {bytes.Length}.");
            return null;
        }

        // Not disposed: constants stay where they stand in the text, for as long as the schema is asked.
        var json = JsonIndex.Of(bytes);
        var parser = new SchemaParser(json);
        var root = parser.ReadSchema(0, field, 1);
        refusal = parser._refusal ?? parser._references.Resolve();
        return refusal is null ? new PayloadSchema(root) : null;
    }

    private Schema ReadSchema(int node, string field, int depth)
    {
        var schema = new Schema();
        _schemas[node] = schema;
        if (_schemas.Count > PayloadSchema.MaxSchemas || depth > PayloadSchema.MaxDepth)
        {
            Refuse(field, "schema.too_large", $"A schema may hold at most {PayloadSchema.MaxSchemas} schemas, at most {PayloadSchema.MaxDepth} inside one another.");
            return schema;
        }

        switch (_json.Kind(node))
        {
            case JsonTokenType.True:
                break;
            case JsonTokenType.False:
                schema.Rules.Add(new NothingRule());
                break;
            case JsonTokenType.StartObject:
                ReadKeywords(node, schema, field, depth);
                break;
            default:
                Refuse(field, "schema.form", "A schema is an object, true or false.");
                break;
        }

        return schema;
    }

    private void ReadKeywords(int node, Schema schema, string field, int depth)
    {
        var keywords = new Keywords(this, schema, field, depth);
        for (var member = JsonIndex.First(node); member < _json.After(node) && _refusal is null; member = _json.After(member))
        {
            var name = _json.NameStringOf(member) ?? "�";
            if (!keywords.Values.TryAdd(name, member))
            {
                Refuse($"{field}.{name}", "schema.duplicate", "Given more than once.");
            }
            else if (SchemaKeywords.WhyRefused(name, depth) is { } why)
            {
                Refuse($"{field}.{name}", "schema.keyword", why);
            }
        }

        if (_refusal is null)
        {
            keywords.Read();
        }
    }

    private void Refuse(string field, string code, string detail) => _refusal ??= Refusal.Invalid(field, code, detail);

    /// <summary>What the keywords of one schema object say, read by name, for some depend on each other.</summary>
    private sealed partial class Keywords(SchemaParser parser, Schema schema, string field, int depth)
    {
        private readonly JsonIndex _json = parser._json;

        public Dictionary<string, int> Values { get; } = new(StringComparer.Ordinal);

        public void Read()
        {
            ReadReferences();
            ReadConstants();
            ReadNumbers();
            ReadStrings();
            ReadArrays();
            ReadObjects();
            ReadLogic();
        }

        private string At(string keyword) => $"{field}.{keyword}";

        private void Refuse(string keyword, string detail) => parser.Refuse(At(keyword), "schema.operand", detail);

        private void ReadReferences()
        {
            if (Text("$schema") is { } dialect && !SchemaKeywords.IsDialect(dialect))
            {
                Refuse("$schema", "Schemas are understood as of the draft 2020-12: https://json-schema.org/draft/2020-12/schema.");
            }

            if (Text("$anchor") is { } anchor && !parser._references.Name(anchor, schema))
            {
                Refuse("$anchor", "Another schema has this anchor.");
            }

            Map("$defs");
            Map("definitions");
            Sub("contentSchema");
            if (Text("$ref") is { } reference)
            {
                var rule = new ReferenceRule();
                schema.Rules.Add(rule);
                parser._references.Add(reference, schema, rule, At("$ref"));
            }
        }

        private void ReadConstants()
        {
            if (Values.TryGetValue("type", out var type))
            {
                ReadType(type);
            }

            if (Values.TryGetValue("const", out var constant))
            {
                schema.Rules.Add(new OneOfConstants(_json, [constant], $"Must be {Shown(constant)} (const)."));
            }

            if (Values.TryGetValue("enum", out var list))
            {
                var constants = Items(list);
                if (_json.Kind(list) != JsonTokenType.StartArray || constants.Count == 0)
                {
                    Refuse("enum", "Must be a list of at least one value.");
                }

                schema.Rules.Add(new OneOfConstants(_json, [.. constants], $"Must be one of {string.Join(", ", constants.Take(10).Select(Shown))}{(constants.Count > 10 ? ", …" : "")} (enum)."));
            }
        }

        private void ReadType(int type)
        {
            var kinds = Kinds.None;
            var names = new List<string>();
            foreach (var item in _json.Kind(type) == JsonTokenType.StartArray ? Items(type) : [type])
            {
                if (_json.Kind(item) != JsonTokenType.String || _json.StringOf(item) is not { } name || !SchemaKeywords.Types.TryGetValue(name, out var kind) || kinds.HasFlag(kind))
                {
                    Refuse("type", $"Must be one of {string.Join(", ", SchemaKeywords.Types.Keys)}, or a list of some, each once.");
                    return;
                }

                kinds |= kind;
                names.Add(name);
            }

            if (names.Count == 0)
            {
                Refuse("type", "Must name at least one type.");
            }

            schema.Rules.Add(new TypeRule(kinds, string.Join(" or ", names)));
        }

        private string? Text(string keyword)
        {
            if (!Values.TryGetValue(keyword, out var node))
            {
                return null;
            }

            var text = _json.Kind(node) == JsonTokenType.String ? _json.StringOf(node) : null;
            if (text is null)
            {
                Refuse(keyword, "Must be a string.");
            }

            return text;
        }

        private List<int> Items(int container)
        {
            var items = new List<int>();
            for (var item = JsonIndex.First(container); item < _json.After(container); item = _json.After(item))
            {
                items.Add(item);
            }

            return items;
        }

        private string Shown(int node) => _json.Raw(node) is { Length: <= 100 } raw ? Encoding.UTF8.GetString(raw) : "a value that the schema names";
    }
}
