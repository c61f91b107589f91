using System.Text.Json.Nodes;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>GET /v1/webhooks/{sid}/history</summary>
public static class GetWebhookHistory
{
    private const string Example = """
        {"version":3,"at":"2026-01-31T12:05:00.000Z","actor":{"api_key_sid":"key_01h455vb4pex5vsknk084sn02r","label":"Production"},"fact":"webhook.updated.v1",
         "changes":[{"field":"max_attempts","old":5,"new":10}]}
        """;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/webhooks/{sid}/history", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Webhooks")
        .WithSummary("Get a webhook's history")
        .WithDescription("Every change from its registration on: when, by which key, and what. Secrets and values of headers are left out; that a value changed is told. Deleted webhooks keep their history.")
        .AsksFor("page_size", $"How many: 1 to {Query.MaxPageSize}, {Query.DefaultPageSize} when left out.", "50")
        .AsksFor("page_token", "next_page_token of the page before.")
        .Answers(200, "A page, oldest first; next_page_token is empty on the last one. Without actor, the service itself did it.", $$"""{"history":[{{Example}}],"next_page_token":""}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, WebhookHistory history, ApiKeyQueries keys)
    {
        var found = await WebhookTarget.FindEvenDeleted(http, webhooks, sid);
        var query = new Query(http);
        var page = query.Page<WebhookId>("version");
        if (page.Sort.Descending)
        {
            query.Refuse("sort", "query.sort", "A history is told from its beginning: version.asc.");
        }

        query.Done();

        var entries = await history.Page(found.Id, page.After?.NumberIn(found.Id) ?? 0, page.Size, http.RequestAborted);
        var actors = await Actors(http, entries.Items, keys);
        return Results.Json(
            new
            {
                history = entries.Items.Select(e => HistoryAnswer.Of(e, actors)),
                next_page_token = entries.Next is { } next ? new PageToken(page.Sort.ToString(), PageToken.Keyed(next, found.Id)).Write() : "",
            },
            Wire.Json);
    }

    /// <summary>Few keys change a webhook. Labels of the installation's own keys are its own business.</summary>
    private static async Task<Dictionary<ApiKeyId, string?>> Actors(HttpContext http, IReadOnlyList<HistoryEntry> entries, ApiKeyQueries keys)
    {
        var labels = new Dictionary<ApiKeyId, string?>();
        foreach (var actor in entries.Select(e => e.Actor).OfType<ApiKeyId>().Distinct())
        {
            var key = await keys.Find(actor, http.RequestAborted);
            labels[actor] = key is not null && http.Caller().Sees(key.Company) ? key.Label : null;
        }

        return labels;
    }
}

/// <summary>One change of a webhook on the wire.</summary>
/// <param name="Actor">Null: the service itself.</param>
/// <param name="Fact">Stable, for programs: <c>webhook.updated.v1</c>.</param>
public sealed record HistoryAnswer(int Version, DateTimeOffset At, ActorAnswer? Actor, string Fact, IReadOnlyList<ChangeAnswer> Changes)
{
    internal static HistoryAnswer Of(HistoryEntry entry, Dictionary<ApiKeyId, string?> labels) => new(
        entry.Version,
        entry.At,
        entry.Actor is { } actor ? new ActorAnswer(actor, labels[actor]) : null,
        entry.Fact,
        [.. entry.Changes.Select(c => new ChangeAnswer(c.Field, c.Old, c.New))]);
}

/// <param name="Label">Null for a key of the installation, unless its own keys ask.</param>
public sealed record ActorAnswer(ApiKeyId ApiKeySid, string? Label);

/// <param name="Old">Left out: was not there.</param>
/// <param name="New">Left out: is not there any more.</param>
public sealed record ChangeAnswer(string Field, JsonNode? Old, JsonNode? New);
