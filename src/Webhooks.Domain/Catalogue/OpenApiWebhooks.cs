using System.Text.Json;
using System.Text.Json.Nodes;
using Webhooks.Domain.Payloads;

namespace Webhooks.Domain.Catalogue;

/// <summary>A type as a document describes it.</summary>
/// <param name="Field">Where it stands in the document.</param>
public sealed record DescribedEventType(string Name, EventTypeDefinition Definition, bool Deprecated, string Field);

/// <summary>
/// Event types out of the <c>webhooks</c> of an OpenAPI document (3.1 and later): the name, what the operation says, the
/// schema and the example of its JSON body. References inside of the document are followed; nothing is fetched.
/// </summary>
public sealed class OpenApiWebhooks
{
    public const int MaxTypes = 500;

    /// <summary>Steps to judge the examples of a document by their schemas. The honest examples of as many types as there may be, each as large as may be, take 22 million.</summary>
    public const int MaxJudgingSteps = 30 * PayloadSchema.MaxSteps;

    private const int MaxReferences = 10;
    private static readonly string[] Methods = ["post", "put", "patch", "delete", "get"];

    private readonly JsonObject _document;
    private readonly string _field;
    private readonly JudgingAllowance _allowance = new(MaxJudgingSteps);
    private Refusal? _refusal;

    private OpenApiWebhooks(JsonObject document, string field) => (_document, _field) = (document, field);

    /// <param name="field">The field that holds the document; refusals name the place inside.</param>
    /// <param name="refusal">The first rule broken, where the answer is null.</param>
    public static IReadOnlyList<DescribedEventType>? Read(JsonText document, string field, out Refusal? refusal)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(document.Utf8, null, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = JsonIndex.MaxDepth });
        }
        catch (JsonException)
        {
            refusal = Refusal.Invalid(field, "openapi.duplicate", "Holds a name twice in one object.");
            return null;
        }

        var reader = new OpenApiWebhooks(root as JsonObject ?? [], field);
        var types = reader.ReadAll();
        refusal = reader._refusal;
        return refusal is null ? types : null;
    }

    private List<DescribedEventType> ReadAll()
    {
        var types = new List<DescribedEventType>();
        if (TextOf(_document["openapi"]) is not { } version || !version.StartsWith("3.", StringComparison.Ordinal) || version.StartsWith("3.0", StringComparison.Ordinal))
        {
            Refuse("openapi", "openapi.version", "Must be an OpenAPI document from version 3.1 on: it is there that webhooks came.");
        }
        else if (_document["webhooks"] is not JsonObject { Count: > 0 and <= MaxTypes } webhooks)
        {
            Refuse("webhooks", "openapi.webhooks", $"Must describe 1 to {MaxTypes} webhooks.");
        }
        else
        {
            types.AddRange(webhooks.TakeWhile(_ => _refusal is null).Select(w => ReadOne(w.Key, w.Value)));
        }

        return types;
    }

    private DescribedEventType ReadOne(string name, JsonNode? node)
    {
        var at = $"webhooks.{name}";
        var item = Resolve(node, at);
        var operation = Methods.Select(m => item?[m] as JsonObject).FirstOrDefault(o => o is not null);
        if (operation is null)
        {
            Refuse(at, "openapi.operation", "Must hold an operation, such as post.");
        }

        var body = Resolve(operation?["requestBody"], $"{at}.requestBody");
        var media = JsonContent(body?["content"] as JsonObject);
        var schema = media?["schema"] is { } given ? new OpenApiSchemas(_document, _field, Refuse).Bundle(given, $"{at}.schema") : null;
        var definition = new EventTypeDefinition(Describe(operation, item))
        {
            Schema = schema is null ? null : Text(schema),
            Example = ExampleOf(media, at) is { } example ? Text(example) : null,
        };
        if ((EventTypeRules.Refuse(name, "") ?? EventTypeRules.Refuse(definition, _allowance)) is { } refusal)
        {
            Refuse(string.IsNullOrEmpty(refusal.Field) ? at : $"{at}.{refusal.Field}", refusal.Code, refusal.Detail);
        }

        return new DescribedEventType(name, definition, operation?["deprecated"]?.GetValueKind() == JsonValueKind.True, $"{_field}.{at}");
    }

    private static string Describe(JsonObject? operation, JsonObject? item) =>
        (TextOf(operation?["description"]) ?? TextOf(operation?["summary"]) ?? TextOf(item?["description"]) ?? TextOf(item?["summary"]) ?? "").Trim();

    private static JsonObject? JsonContent(JsonObject? content) =>
        content?["application/json"] as JsonObject ?? content?.FirstOrDefault(c => c.Key.EndsWith("+json", StringComparison.Ordinal)).Value as JsonObject;

    /// <summary>The first one there is, of the body or of its schema.</summary>
    private JsonNode? ExampleOf(JsonObject? media, string at)
    {
        if (media?["example"] is { } example)
        {
            return example;
        }

        if (media?["examples"] is JsonObject { Count: > 0 } named)
        {
            return Resolve(named.First().Value, $"{at}.examples")?["value"];
        }

        var schema = media?["schema"] as JsonObject;
        return schema?["example"] ?? (schema?["examples"] as JsonArray)?.FirstOrDefault();
    }

    /// <summary>An object, or the one that a reference leads to.</summary>
    private JsonObject? Resolve(JsonNode? node, string at)
    {
        for (var i = 0; node is JsonObject json && TextOf(json["$ref"]) is { } reference; i++)
        {
            node = i < MaxReferences && reference.StartsWith("#/", StringComparison.Ordinal) ? OpenApiSchemas.Find(_document, reference[2..]) : null;
            if (node is null)
            {
                Refuse(at, "openapi.ref", "Its $ref leads to nothing in this document; nothing is fetched from elsewhere.");
            }
        }

        return node as JsonObject;
    }

    private void Refuse(string at, string code, string detail) => _refusal ??= Refusal.Invalid($"{_field}.{at}", code, detail);

    private static string? TextOf(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static JsonText Text(JsonNode node) => JsonText.Of(JsonSerializer.SerializeToUtf8Bytes(node, NodeJson.Instance.JsonNode));
}
