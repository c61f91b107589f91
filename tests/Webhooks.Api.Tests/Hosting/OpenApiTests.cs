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
