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
        var schema = node switch
        {
            JsonObject json => OfObject(json, path, fields),
            JsonArray json => new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(json.FirstOrDefault(), $"{path}[]", fields) },
            _ => new OpenApiSchema { Type = TypeOf(node) },
        };
        schema.Description = fields.FirstOrDefault(f => f.Path == path)?.Text;
        return schema;
    }

    private static OpenApiSchema OfObject(JsonObject json, string path, IReadOnlyList<FieldDoc> fields)
    {
        var prefix = path.Length == 0 ? "" : $"{path}.";
        var properties = json.ToDictionary(p => p.Key, IOpenApiSchema (p) => Of(p.Value, prefix + p.Key, fields));
        var required = json.Select(p => p.Key).Where(name => fields.Any(f => f.Required && f.Path == prefix + name));
        return new OpenApiSchema { Type = JsonSchemaType.Object, Properties = properties, Required = required.ToHashSet() };
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
