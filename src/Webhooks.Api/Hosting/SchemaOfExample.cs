using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Webhooks.Api.Http;

namespace Webhooks.Api.Hosting;

/// <summary>Reads a schema off an example, so that the two can't disagree.</summary>
public static class SchemaOfExample
{
    public static OpenApiSchema Of(JsonNode? example, IReadOnlyList<FieldDoc> fields) => Of(example, "", fields);

    private static OpenApiSchema Of(JsonNode? node, string path, IReadOnlyList<FieldDoc> fields)
    {
        var field = fields.FirstOrDefault(f => f.Path == path);
        var schema = node switch
        {
            _ when field is { Forms.Count: > 0 } => OfForms(field.Forms),
            JsonObject json => OfObject(json, path, fields),
            JsonArray json => new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(ItemOf(json), $"{path}[]", fields) },
            _ => new OpenApiSchema { Type = TypeOf(node) },
        };
        if (field is not null)
        {
            Describe(schema, field, node);
        }

        return schema;
    }

    private static void Describe(OpenApiSchema schema, FieldDoc field, JsonNode? node)
    {
        schema.Description = field.Text;
        if (field.Values.Count > 0)
        {
            schema.Enum = [.. field.Values.Select(v => (JsonNode)v)];
        }

        if (node is not null and not JsonObject && field.Forms.Count == 0)
        {
            schema.Examples = [node.DeepClone()];
        }

        var (min, max) = field.Range ?? default;
        switch (field.Range is null ? null : schema.Type)
        {
            case JsonSchemaType.String:
                (schema.MinLength, schema.MaxLength) = ((int)min, (int)max);
                break;
            case JsonSchemaType.Array:
                (schema.MinItems, schema.MaxItems) = ((int)min, (int)max);
                break;
            case JsonSchemaType.Integer or JsonSchemaType.Number:
                (schema.Minimum, schema.Maximum) = (min.ToString(CultureInfo.InvariantCulture), max.ToString(CultureInfo.InvariantCulture));
                break;
        }
    }

    /// <summary>One of the forms; any of them where a patch may leave out what tells them apart.</summary>
    private static OpenApiSchema OfForms(IReadOnlyList<FormDoc> forms)
    {
        List<IOpenApiSchema> schemas = [.. forms.Select(f => Of(f.Example, f.Fields))];
        return forms.All(f => f.Fields.Any(field => field.Required)) ? new OpenApiSchema { OneOf = schemas } : new OpenApiSchema { AnyOf = schemas };
    }

    private static OpenApiSchema OfObject(JsonObject json, string path, IReadOnlyList<FieldDoc> fields)
    {
        var prefix = path.Length == 0 ? "" : $"{path}.";
        var properties = json.ToDictionary(p => p.Key, IOpenApiSchema (p) => Of(p.Value, prefix + p.Key, fields));
        var required = json.Select(p => p.Key).Where(name => fields.Any(f => f.Required && f.Path == prefix + name));
        return new OpenApiSchema { Type = JsonSchemaType.Object, Properties = properties, Required = required.ToHashSet() };
    }

    /// <summary>An item with what any of them has: items of several kinds differ in their fields.</summary>
    private static JsonNode? ItemOf(JsonArray items)
    {
        if (items.Count < 2 || !items.All(i => i is JsonObject))
        {
            return items.FirstOrDefault();
        }

        var whole = new JsonObject();
        foreach (var (name, value) in items.SelectMany(i => i!.AsObject()))
        {
            whole.TryAdd(name, value?.DeepClone());
        }

        return whole;
    }

    /// <summary>Null where an example says nothing: any type.</summary>
    private static JsonSchemaType? TypeOf(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => JsonSchemaType.String,
        JsonValueKind.True or JsonValueKind.False => JsonSchemaType.Boolean,
        JsonValueKind.Number => node.ToJsonString().Contains('.', StringComparison.Ordinal) ? JsonSchemaType.Number : JsonSchemaType.Integer,
        _ => null,
    };
}
