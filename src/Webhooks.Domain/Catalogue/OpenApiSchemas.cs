using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Webhooks.Domain.Catalogue.Schemas;

namespace Webhooks.Domain.Catalogue;

/// <summary>Makes a schema of an OpenAPI document stand by itself: the components it refers to come along as its <c>$defs</c>.</summary>
internal sealed class OpenApiSchemas(JsonObject document, string field, Action<string, string, string> refuse)
{
    private const string Components = "#/components/schemas/";
    private readonly Dictionary<string, JsonNode?> _taken = new(StringComparer.Ordinal);
    private readonly Queue<string> _waiting = [];

    public JsonNode Bundle(JsonNode schema, string at)
    {
        var root = Rewritten(schema, at);
        while (_waiting.TryDequeue(out var token))
        {
            if (Find(document, $"components/schemas/{token}") is { } component)
            {
                _taken[token] = Rewritten(component, $"components.schemas.{token}");
            }
            else
            {
                refuse(at, "openapi.ref", $"{Components}{token} is not in this document.");
            }
        }

        if (_taken.Count == 0 || root is not JsonObject json)
        {
            return root;
        }

        var own = json["$defs"] as JsonObject ?? [];
        json["$defs"] = own.Parent is null ? own : own.DeepClone();
        foreach (var (token, component) in _taken)
        {
            if (!json["$defs"]!.AsObject().TryAdd(Name(token), component))
            {
                refuse(at, "openapi.name", $"Has a $defs of its own with the name of the component {Name(token)}.");
            }
        }

        return json;
    }

    /// <summary>What a pointer, without its first slash, leads to.</summary>
    public static JsonNode? Find(JsonNode document, string pointer)
    {
        JsonNode? node = document;
        foreach (var token in pointer.Split('/'))
        {
            node = (node as JsonObject)?[Name(token)];
        }

        return node;
    }

    private static string Name(string token) =>
        Uri.UnescapeDataString(token).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private JsonNode Rewritten(JsonNode schema, string at)
    {
        var copy = schema.DeepClone();
        Rewrite(copy, at);
        return copy;
    }

    /// <summary>Only where schemas stand: an example may hold a <c>$ref</c> that means nothing.</summary>
    private void Rewrite(JsonNode? node, string at)
    {
        if (node is not JsonObject schema)
        {
            return;
        }

        if (schema["$ref"] is { } reference && reference.GetValueKind() == JsonValueKind.String)
        {
            schema["$ref"] = Rewrite(reference.GetValue<string>(), at);
        }

        foreach (var (keyword, value) in schema)
        {
            if (SchemaKeywords.Single.Contains(keyword))
            {
                Rewrite(value, at);
            }
            else if (SchemaKeywords.Lists.Contains(keyword) && value is JsonArray list)
            {
                list.ToList().ForEach(item => Rewrite(item, at));
            }
            else if (SchemaKeywords.Maps.Contains(keyword) && value is JsonObject map)
            {
                map.ToList().ForEach(member => Rewrite(member.Value, at));
            }
        }
    }

    private string Rewrite(string reference, string at)
    {
        if (!reference.StartsWith(Components, StringComparison.Ordinal))
        {
            refuse(at, "openapi.ref", $"Refers to something else than {Components}… of this document; nothing is fetched from elsewhere. In {field} schemas are shared there.");
            return reference;
        }

        var (token, rest) = reference[Components.Length..] is var path && path.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? (path[..slash], path[slash..]) : (path, "");
        if (_taken.TryAdd(token, null))
        {
            _waiting.Enqueue(token);
        }

        return $"#/$defs/{token}{rest}";
    }
}

/// <summary>Documents written again, text as it is.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class NodeJson : JsonSerializerContext
{
    public static NodeJson Instance { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2 * Payloads.JsonIndex.MaxDepth });
}
