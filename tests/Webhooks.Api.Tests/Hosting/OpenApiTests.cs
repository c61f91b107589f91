using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Hosting;

public sealed class OpenApiTests(RunningService service) : IClassFixture<RunningService>
{
    private static readonly string[] Verbs = ["get", "post", "put", "patch", "delete"];

    [Fact]
    public async Task The_document_is_openapi_3_1_with_both_ways_to_authenticate()
    {
        var document = await Document();
        Assert.StartsWith("3.1", (string?)document["openapi"], StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty((string?)document["info"]!["description"]));
        Assert.Equal(["basic", "bearer"], document["components"]!["securitySchemes"]!.AsObject().Select(s => s.Key));
    }

    [Fact]
    public async Task Who_has_the_document_is_not_sent_it_again()
    {
        var first = await service.Send(HttpMethod.Get, "/openapi/v1.json", (string?)null, null);
        Assert.Equal("/", (string?)Assert.Single(first.Expect(200)["servers"]!.AsArray())!["url"]);

        Assert.Equal(304, (await service.Send(HttpMethod.Get, "/openapi/v1.json", (string?)null, null, ("If-None-Match", first.Header("ETag")!))).Status);
    }

    [Fact]
    public async Task Every_route_says_what_it_is_for_and_what_it_answers() => Assert.All(Operations(await Document()), o =>
    {
        Assert.False(string.IsNullOrWhiteSpace((string?)o.Operation["summary"]), o.Name);
        Assert.False(string.IsNullOrWhiteSpace((string?)o.Operation["description"]), o.Name);
        Assert.NotEmpty(o.Operation["tags"]!.AsArray());
        var responses = o.Operation["responses"]!.AsObject();
        Assert.Contains(responses, r => r.Key.StartsWith('2'));
        Assert.Contains("500", responses.Select(r => r.Key));
        Assert.All(responses, r => Assert.False(string.IsNullOrWhiteSpace((string?)r.Value!["description"]), o.Name));
    });

    [Fact]
    public async Task Every_body_has_an_example_and_every_example_a_schema() => Assert.All(Operations(await Document()), o =>
    {
        var takesBody = o.Operation["requestBody"]?["content"]?["application/json"];
        Assert.True(o.Operation["requestBody"] is null || takesBody?["example"] is not null, o.Name);
        Assert.True(takesBody is null || takesBody["schema"]?["properties"] is JsonObject { Count: > 0 }, o.Name);
        foreach (var answer in o.Operation["responses"]!.AsObject().Where(r => r.Key is "200" or "201" or "202"))
        {
            var json = answer.Value!["content"]?.AsObject().FirstOrDefault().Value;
            Assert.True(json?["example"] is not null && json["schema"] is not null, $"{o.Name} {answer.Key}");
        }
    });

    [Fact]
    public async Task Every_parameter_of_a_path_is_described_by_the_document() => Assert.All(Operations(await Document()), o =>
    {
        var inPath = o.Path.Split('{').Skip(1).Select(p => p.Split('}')[0]);
        var described = (o.Operation["parameters"] as JsonArray ?? []).Where(p => (string?)p!["in"] == "path").Select(p => (string)p!["name"]!);
        Assert.Equal(inPath.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        Assert.All(o.Operation["parameters"] as JsonArray ?? [], p => Assert.False(string.IsNullOrEmpty((string?)p!["description"]), o.Name));
    });

    [Fact]
    public async Task Every_route_of_the_api_needs_a_key_but_the_one_that_receivers_ask() => Assert.All(
        Operations(await Document()).Where(o => o.Path.StartsWith("/v1/", StringComparison.Ordinal) && o.Name != "get /v1/webhooks/{sid}/public-keys"),
        o =>
        {
            Assert.NotEmpty(o.Operation["security"]!.AsArray());
            Assert.Contains("401", o.Operation["responses"]!.AsObject().Select(r => r.Key));
        });

    [Fact]
    public async Task Every_route_has_an_id_of_its_own_that_a_generated_client_can_name_a_method_by()
    {
        var ids = Operations(await Document()).Select(o => (string)o.Operation["operationId"]!).ToList();
        Assert.Contains("postWebhooksSidEnable", ids);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, id => Assert.Matches("^[a-z][A-Za-z0-9]+$", id));
    }

    /// <summary>Generators follow each, in examples too, and give up where one leads nowhere.</summary>
    [Fact]
    public async Task Every_reference_leads_to_what_is_in_the_document()
    {
        var document = await Document();
        Assert.All(References(document), reference =>
        {
            Assert.StartsWith("#/components/", reference, StringComparison.Ordinal);
            Assert.NotNull(reference.Split('/').Skip(1).Aggregate((JsonNode?)document, (node, name) => node?[name]));
        });
    }

    [Fact]
    public async Task Every_example_fits_its_schema() => Assert.All(Operations(await Document()), o =>
    {
        var contents = o.Operation["responses"]!.AsObject().Select(r => r.Value!["content"]).Prepend(o.Operation["requestBody"]?["content"]).OfType<JsonObject>();
        Assert.All(contents.SelectMany(c => c).Where(c => c.Value!["example"] is not null), c => Assert.Null(Misfit(c.Value!["schema"]!, c.Value["example"], o.Name)));
    });

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject json => json.SelectMany(m => m.Key == "$ref" ? [m.Value!.GetValue<string>()] : References(m.Value)),
        JsonArray json => json.SelectMany(References),
        _ => [],
    };

    /// <returns>Where the example has something that the schema does not; null: nowhere.</returns>
    private static string? Misfit(JsonNode schema, JsonNode? example, string path)
    {
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray forms)
        {
            return forms.Any(f => Misfit(f!, example, path) is null) ? null : $"{path} is of no form";
        }

        switch ((string?)schema["type"])
        {
            case "object" when example is JsonObject json:
                return json.Select(m => schema["properties"]?[m.Key] is { } property ? Misfit(property, m.Value, $"{path}.{m.Key}") : $"{path}.{m.Key} is not there").FirstOrDefault(m => m is not null);
            case "array" when example is JsonArray json:
                return json.Select((item, i) => Misfit(schema["items"]!, item, $"{path}[{i}]")).FirstOrDefault(m => m is not null);
            case "object" or "array":
                return $"{path} is {example?.GetValueKind().ToString() ?? "null"}";
            default:
                return null;
        }
    }

    private async Task<JsonNode> Document() => (await service.Send(HttpMethod.Get, "/openapi/v1.json", (string?)null, null)).Expect(200);

    private static List<(string Name, string Path, JsonNode Operation)> Operations(JsonNode document)
    {
        var operations = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Where(o => Verbs.Contains(o.Key)).Select(o => ($"{o.Key} {path.Key}", path.Key, o.Value!)))
            .ToList();
        Assert.NotEmpty(operations);
        return operations;
    }
}
