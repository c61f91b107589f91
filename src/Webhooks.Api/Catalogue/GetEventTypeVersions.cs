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
        .WithDescription($"{EventTypeTarget.InPath} Every definition it had, oldest first: which key gave it, and when.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .Answers(200, "All of them.", $$"""{"versions":[{{Example}}]}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target, EventTypeQueries types)
    {
        var query = new Query(http);
        var given = query.Sid<CompanyId>("company_sid");
        query.Done();
        var view = await target.Find(http, sid, await target.Owner(http, given));
        var versions = await types.Versions(view.Id, http.RequestAborted);
        return Results.Json(
            new { versions = versions.Select(v => new { version = v.Number, v.At, v.Actor, v.Definition.Description, v.Definition.Schema, v.Definition.Example, v.Definition.Enforced }) },
            Wire.Json);
    }
}
