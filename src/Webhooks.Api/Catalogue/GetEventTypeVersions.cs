using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Catalogue;

namespace Webhooks.Api.Catalogue;

/// <summary>GET /v1/event-types/{sid or name}/versions</summary>
public static class GetEventTypeVersions
{
    private const string Example = """
        {"version":1,"at":"2026-01-31T12:00:00.000Z","actor":"key_01h455vb4pex5vsknk084sn02r","description":"An order was paid.","schema":{"type":"object"},"example":{"order":4711},"enforced":false}
        """;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/event-types/{sid}/versions", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Event types")
        .WithSummary("Get an event type's versions")
        .WithDescription($"{EventTypeTarget.InPath} Every definition it had: which key gave it, and when.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .AsksFor("page_size", $"How many: 1 to {Query.MaxPageSize}, {Query.DefaultPageSize} when left out.", "50")
        .AsksFor("sort", "version.asc, the default, or version.desc.", "version.asc")
        .AsksFor("page_token", "next_page_token of the page before.")
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"versions":[{{Example}}],"next_page_token":""}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target, EventTypeQueries types)
    {
        var query = new Query(http);
        var page = query.Page<EventTypeId>("version");
        var view = await target.Find(http, query, sid);
        var found = await types.Versions(view.Id, page.After?.NumberIn(view.Id), page.Sort.Descending, page.Size + 1, http.RequestAborted);
        var (versions, next) = PageToken.Cut(found, page, v => PageToken.Keyed(v.Number, view.Id));
        return Results.Json(
            new
            {
                versions = versions.Select(v => new { version = v.Number, v.At, v.Actor, v.Definition.Description, v.Definition.Schema, v.Definition.Example, v.Definition.Enforced }),
                next_page_token = next,
            },
            Wire.Json);
    }
}
