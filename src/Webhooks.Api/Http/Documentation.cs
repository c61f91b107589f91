using System.Text.Json;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Http;

/// <summary>One field of a body, for people.</summary>
/// <param name="Path">As in errors, without indices: <c>headers[].name</c>.</param>
public sealed record FieldDoc(string Path, string Text, bool Required = false);

/// <summary>What a route takes; the schema is read off the example.</summary>
public sealed record BodyDoc(JsonNode Example, bool Optional, IReadOnlyList<FieldDoc> Fields);

public sealed record AnswerDoc(int Status, string Description, JsonNode? Example);

public sealed record QueryDoc(string Name, string Description, string? Example);

/// <summary>How slices describe themselves for the OpenAPI document, besides WithSummary and WithDescription.</summary>
public static class Documentation
{
    public static FieldDoc Required(string path, string text) => new(path, text, Required: true);

    public static FieldDoc Optional(string path, string text) => new(path, text);

    /// <param name="example">JSON that the route accepts, with every field.</param>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, string example, params FieldDoc[] fields) =>
        route.WithMetadata(new BodyDoc(Parse(example), Optional: false, fields));

    /// <inheritdoc cref="Takes"/>
    public static RouteHandlerBuilder TakesOptionally(this RouteHandlerBuilder route, string example, params FieldDoc[] fields) =>
        route.WithMetadata(new BodyDoc(Parse(example), Optional: true, fields));

    /// <param name="example">JSON; null where the answer has no body.</param>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder route, int status, string description, string? example = null) =>
        route.WithMetadata(new AnswerDoc(status, description, example is null ? null : Parse(example)));

    public static RouteHandlerBuilder AsksFor(this RouteHandlerBuilder route, string name, string description, string? example = null) =>
        route.WithMetadata(new QueryDoc(name, description, example));

    /// <summary>page_size, sort and page_token, for routes that read a <see cref="Page"/>.</summary>
    public static RouteHandlerBuilder IsPaged(this RouteHandlerBuilder route, params string[] sortFields) => route
        .AsksFor("page_size", $"How many: 1 to {Query.MaxPageSize}, {Query.DefaultPageSize} when left out.", "50")
        .AsksFor("sort", $"One of {string.Join(", ", sortFields.Select(f => $"{f}.asc, {f}.desc"))}.", $"{sortFields[0]}.asc")
        .AsksFor("page_token", "next_page_token of the page before, with the same sort.");

    /// <summary>A slip in an example shows when its route is mapped, not when somebody reads the document.</summary>
    private static JsonNode Parse(string example)
    {
        try
        {
            return JsonNode.Parse(example) ?? throw new ArgumentException("An example is not null.", nameof(example));
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"An example is no JSON ({e.Message}): {example}", nameof(example), e);
        }
    }
}
