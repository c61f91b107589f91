using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests;

/// <summary>An HTTP answer, read to its end.</summary>
public sealed record Answer(int Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Text)
{
    public static async Task<Answer> Read(HttpResponseMessage response) =>
        new((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync());

    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>Null when there is no such header.</summary>
    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) || ContentHeaders.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    /// <returns>The body.</returns>
    public JsonNode Expect(int status)
    {
        Assert.True(status == Status, $"Expected {status}, got {Status}: {Text}");
        return Json;
    }

    /// <summary>A well-formed problem of this status and code.</summary>
    public JsonNode ExpectProblem(int status, string code)
    {
        Assert.True(status == Status, $"Expected {status}, got {Status}: {Text}");
        Assert.Equal("application/problem+json", ContentHeaders.ContentType?.MediaType);
        Assert.Equal($"/problems/{code}", (string?)Json["type"]);
        Assert.Equal(status, (int?)Json["status"]);
        Assert.False(string.IsNullOrEmpty((string?)Json["title"]));
        Assert.False(string.IsNullOrEmpty((string?)Json["detail"]));
        Assert.Equal(Header("Request-Id"), (string?)Json["request_id"]);
        return Json;
    }

    /// <summary>The rules that a problem names, as <c>field code</c>.</summary>
    public IReadOnlyList<string> Errors => [.. (Json["errors"] as JsonArray ?? []).Select(e => $"{(string?)e!["field"]} {(string?)e["code"]}")];
}
