using System.Text.Json;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Http;

/// <summary>One field of a body, for people.</summary>
/// <param name="Path">As in errors, without indices: <c>headers[].name</c>.</param>
public sealed record FieldDoc(string Path, string Text, bool Required = false)
{
    /// <summary>Least and most: of a number its value, of a text its characters, of an array its items. Null: no such bound.</summary>
    public (long Min, long Max)? Range { get; init; }

    /// <summary>The only texts there may be; empty: others too.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>The forms of an object whose fields follow from its kind; empty: it has but one.</summary>
    public IReadOnlyList<FormDoc> Forms { get; init; } = [];

    public FieldDoc Within(long min, long max) => this with { Range = (min, max) };

    public FieldDoc Among(params IReadOnlyList<string> values) => this with { Values = values };

    public FieldDoc Among<T>() where T : struct, Enum => Among([.. EnumNames<T>.ByName.Keys]);

    public FieldDoc OneOf(params IReadOnlyList<FormDoc> forms) => this with { Forms = forms };

    /// <summary>As a merge patch has it, which may leave out everything.</summary>
    public FieldDoc InPatch() => this with { Required = false, Forms = [.. Forms.Select(form => form with { Fields = [.. form.Fields.Select(f => f.InPatch())] })] };
}

/// <summary>One form of an object.</summary>
/// <param name="Example">With every field.</param>
/// <param name="Fields">Their paths begin inside the object.</param>
public sealed record FormDoc(JsonNode Example, IReadOnlyList<FieldDoc> Fields);

/// <summary>What a route takes.</summary>
/// <param name="Whole">What the schema is read off: an example with every field.</param>
public sealed record BodyDoc(JsonNode Example, JsonNode Whole, bool Optional, IReadOnlyList<FieldDoc> Fields);

public sealed record AnswerDoc(int Status, string Description, JsonNode? Example);

public sealed record QueryDoc(string Name, string Description, string? Example);

/// <summary>How slices describe themselves for the OpenAPI document, besides WithSummary and WithDescription.</summary>
public static class Documentation
{
    public static FieldDoc Required(string path, string text) => new(path, text, Required: true);

    public static FieldDoc Optional(string path, string text) => new(path, text);

    /// <param name="example">With every field.</param>
    public static FormDoc Form(string example, params FieldDoc[] fields) => new(Parse(example), fields);

    /// <param name="example">JSON that the route accepts, with every field.</param>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, string example, params FieldDoc[] fields) => route.TakesSome(example, example, fields);

    /// <param name="example">JSON that the route accepts, with some of the fields.</param>
    /// <param name="whole">JSON with all of them, whether they make sense together or not.</param>
    public static RouteHandlerBuilder TakesSome(this RouteHandlerBuilder route, string example, string whole, params FieldDoc[] fields) =>
        route.WithMetadata(new BodyDoc(Parse(example), Parse(whole), Optional: false, fields));

    /// <inheritdoc cref="Takes"/>
    public static RouteHandlerBuilder TakesOptionally(this RouteHandlerBuilder route, string example, params FieldDoc[] fields) =>
        route.WithMetadata(new BodyDoc(Parse(example), Parse(example), Optional: true, fields));

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
