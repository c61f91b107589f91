using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Domain;
using JsonValue = Webhooks.Api.Http.JsonValue;

namespace Webhooks.Api.Tests.Hosting;

/// <summary>What the document says of bodies is what the readers read: they are asked which fields they know.</summary>
public sealed partial class DocumentedFieldsTests(RunningService service) : IClassFixture<RunningService>
{
    /// <summary>Languages of their own, in which names mean what the payload has.</summary>
    private static readonly string[] Languages = ["filter.", "shape."];

    [Theory]
    [InlineData("post", "/v1/webhooks")]
    [InlineData("put", "/v1/webhooks/{sid}")]
    [InlineData("patch", "/v1/webhooks/{sid}")]
    public async Task Every_field_of_a_webhook_is_in_the_document_and_none_besides(string verb, string path)
    {
        var schema = await Schema(verb, path);
        var documented = Leaves(schema, "").Select(l => l.Path).Where(p => !Languages.Any(p.StartsWith)).ToHashSet();

        // As many bodies as there are forms of the object that has most.
        var known = Enumerable.Range(0, 4).SelectMany(form => Asked((JsonObject)Example(schema, form)!)).Append("company_sid").ToHashSet();
        if (verb == "post")
        {
            known.UnionWith(["signing_key", "signing_key.label", "signing_key.shared_secret"]);
        }

        Assert.Equal(known.Order(StringComparer.Ordinal), documented.Append("company_sid").Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("post", "/v1/webhooks")]
    [InlineData("patch", "/v1/companies/{sid}")]
    public async Task Every_field_says_what_it_means_what_type_it_has_and_an_example(string verb, string path) => Assert.All(Leaves(await Schema(verb, path), ""), leaf =>
    {
        if (Languages.Any(leaf.Path.StartsWith) || leaf.Path.EndsWith("[]", StringComparison.Ordinal))
        {
            return;
        }

        var schema = leaf.Schema;
        Assert.False(string.IsNullOrWhiteSpace((string?)schema["description"]), leaf.Path);
        Assert.True(Forms(schema) is not null || schema["type"] is not null, leaf.Path);
        Assert.True(Forms(schema) is not null || schema["properties"] is not null || schema["examples"] is JsonArray { Count: > 0 }, leaf.Path);
        Assert.True((string?)schema["type"] is not ("integer" or "number") || (schema["minimum"] is not null && schema["maximum"] is not null), leaf.Path);
    });

    [Fact]
    public async Task Every_form_of_an_object_names_its_kind()
    {
        var schema = await Schema("post", "/v1/webhooks");
        Assert.Equal(["sqs", "sns", "rabbitmq"], Kinds(schema["properties"]!["destination"]!));
        Assert.Equal(["keys", "web_identity"], Kinds(schema["properties"]!["destination"]!["oneOf"]![0]!["properties"]!["access"]!));
        Assert.Equal(["fixed", "schedule", "exponential", "preset"], Kinds(schema["properties"]!["retry_policy"]!));
        Assert.Equal(["basic", "bearer", "oauth2_client_credentials"], Kinds(schema["properties"]!["auth"]!));
        Assert.Equal(["kind", "user", "password"], schema["properties"]!["auth"]!["oneOf"]![0]!["required"]!.AsArray().Select(r => (string?)r));
    }

    [Fact]
    public async Task A_patch_may_leave_out_everything()
    {
        var schema = await Schema("patch", "/v1/webhooks/{sid}");
        Assert.All(Leaves(schema, "").Where(l => !l.Path.Contains('[', StringComparison.Ordinal)), l => Assert.True(l.Schema["required"] is null or JsonArray { Count: 0 }, l.Path));
        Assert.All(Forms(schema["properties"]!["auth"]!)!, form => Assert.True(form!["required"] is null or JsonArray { Count: 0 }));
    }

    /// <summary>A field that is told of but stands in no example would not get into the document.</summary>
    [Fact]
    public void What_routes_say_of_fields_gets_into_the_document() => Assert.All(
        service.Services.GetRequiredService<EndpointDataSource>().Endpoints,
        endpoint =>
        {
            if (endpoint.Metadata.GetMetadata<BodyDoc>() is { } body)
            {
                var inExample = Paths(body.Whole, "").ToHashSet();
                Assert.All(body.Fields, f => Assert.True(inExample.Contains(f.Path), $"{endpoint.DisplayName}: {f.Path}"));
            }
        });

    private static IEnumerable<string?> Kinds(JsonNode schema) => schema["oneOf"]!.AsArray().Select(f => (string?)f!["properties"]!["kind"]!["enum"]!.AsArray().Single());

    private static JsonArray? Forms(JsonNode schema) => (schema["oneOf"] ?? schema["anyOf"]) as JsonArray;

    private async Task<JsonNode> Schema(string verb, string path)
    {
        var document = (await service.Send(HttpMethod.Get, "/openapi/v1.json", (string?)null, null)).Expect(200);
        return document["paths"]![path]![verb]!["requestBody"]!["content"]!["application/json"]!["schema"]!;
    }

    /// <summary>The paths that the reader of webhooks asks a body for.</summary>
    private IEnumerable<string> Asked(JsonObject body)
    {
        var fields = Fields.Of(JsonValue.Parse(Encoding.UTF8.GetBytes(body.ToJsonString())));
        _ = service.Services.GetRequiredService<WebhookReader>().Read(new WebhookId(Guid.CreateVersion7()), fields, present: null);
        return fields.Asked.Select(p => Index().Replace(p, "[]"));
    }

    private static IEnumerable<(string Path, JsonNode Schema)> Leaves(JsonNode schema, string path)
    {
        foreach (var form in Forms(schema) ?? [])
        {
            foreach (var leaf in Leaves(form!, path))
            {
                yield return leaf;
            }
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            yield return (path + name, property!);
            foreach (var leaf in Leaves(property!, $"{path}{name}.").Concat(Leaves(property!["items"] ?? new JsonObject(), $"{path}{name}[].")))
            {
                yield return leaf;
            }
        }
    }

    /// <param name="form">Which one of an object that has several.</param>
    private static JsonNode? Example(JsonNode schema, int form) => schema switch
    {
        _ when Forms(schema) is { } forms => Example(forms[Math.Min(form, forms.Count - 1)]!, form),
        _ when schema["properties"] is JsonObject properties => new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, Example(p.Value!, form)))),
        _ => schema["examples"]?[0]?.DeepClone(),
    };

    private static IEnumerable<string> Paths(JsonNode? json, string path) => json switch
    {
        JsonObject members => members.SelectMany(m => Paths(m.Value, path.Length == 0 ? m.Key : $"{path}.{m.Key}").Prepend(path.Length == 0 ? m.Key : $"{path}.{m.Key}")),
        JsonArray items => items.SelectMany(i => Paths(i, $"{path}[]").Prepend($"{path}[]")),
        _ => [],
    };

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();
}
