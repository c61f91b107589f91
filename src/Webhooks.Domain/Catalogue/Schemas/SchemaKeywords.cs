using System.Collections.Frozen;

namespace Webhooks.Domain.Catalogue.Schemas;

/// <summary>Which keywords there are, and of what kind.</summary>
internal static class SchemaKeywords
{
    public static readonly FrozenDictionary<string, Kinds> Types = new Dictionary<string, Kinds>(StringComparer.Ordinal)
    {
        ["object"] = Kinds.Object,
        ["array"] = Kinds.Array,
        ["string"] = Kinds.String,
        ["number"] = Kinds.Number,
        ["integer"] = Kinds.Integer,
        ["boolean"] = Kinds.Boolean,
        ["null"] = Kinds.Null,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>One schema.</summary>
    public static readonly FrozenSet<string> Single = Set("additionalProperties", "propertyNames", "items", "contains", "contentSchema", "not", "if", "then", "else");

    /// <summary>A list of schemas.</summary>
    public static readonly FrozenSet<string> Lists = Set("allOf", "anyOf", "oneOf", "prefixItems");

    /// <summary>An object of schemas.</summary>
    public static readonly FrozenSet<string> Maps = Set("properties", "patternProperties", "dependentSchemas", "$defs", "definitions");

    private static readonly FrozenSet<string> Plain = Set(
        "$ref", "$anchor", "$schema", "type", "const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
        "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties", "required", "dependentRequired");

    /// <summary>Said to people and tools; nothing is checked by them. The second line is OpenAPI's.</summary>
    private static readonly FrozenSet<string> Annotations = Set(
        "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType",
        "example", "externalDocs", "xml", "discriminator");

    private static readonly FrozenDictionary<string, string> Refused = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["nullable"] = "Is of OpenAPI 3.0; write \"type\":[\"string\",\"null\"].",
        ["additionalItems"] = "Is of older drafts; write prefixItems and items.",
        ["dependencies"] = "Is of older drafts; write dependentRequired or dependentSchemas.",
        ["unevaluatedProperties"] = "Is not supported; additionalProperties is.",
        ["unevaluatedItems"] = "Is not supported; items beside prefixItems is.",
        ["$dynamicRef"] = "Is not supported; $ref is.",
        ["$dynamicAnchor"] = "Is not supported; $anchor is.",
        ["$vocabulary"] = "Is for schemas of schemas.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool IsDialect(string uri) =>
        uri.TrimEnd('#') is "https://json-schema.org/draft/2020-12/schema" or "https://spec.openapis.org/oas/3.1/dialect/base";

    /// <summary>Null where it is a keyword, or begins with <c>x-</c>.</summary>
    public static string? WhyRefused(string keyword, int depth) => keyword switch
    {
        "$id" => depth == 1 ? null : "A name of its own only for the whole schema: references go from its root.",
        _ when Plain.Contains(keyword) || Annotations.Contains(keyword) || Single.Contains(keyword) || Lists.Contains(keyword) || Maps.Contains(keyword) => null,
        _ when keyword.StartsWith("x-", StringComparison.Ordinal) => null,
        _ when Refused.TryGetValue(keyword, out var why) => why,
        _ => "There is no such keyword; what is said to people alone begins with x-.",
    };

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);
}
