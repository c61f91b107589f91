using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Messages;
using Webhooks.Projections.Catalogue;

namespace Webhooks.Api.Catalogue;

/// <summary>GET /v1/event-types</summary>
public static class ListEventTypes
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/event-types", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Event types")
        .WithSummary("List event types")
        .WithDescription("What a company may emit by the catalogue: its own types, and those of the installation that it does not define itself. By name, a page at a time.")
        .AsksFor("company_sid", "As this company has them. Left out: the key's own; with an admin key, the installation's alone.")
        .AsksFor("matches", "Only types that a webhook gets which subscribes to this: a type, or a pattern with stars.", "order.*")
        .AsksFor("status", "active or deprecated. Left out: both.", "active")
        .IsPaged("name")
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"event_types":[{{EventTypeAnswer.Json}}],"next_page_token":""}""");

    private static async Task<IResult> Handle(HttpContext http, EventTypeTarget target, EventTypeQueries types)
    {
        var query = new Query(http);
        var given = query.Sid<CompanyId>("company_sid");
        var pattern = query.Text("matches");
        if (pattern is not null && EventTypePattern.Refuse(pattern, "matches") is { } refusal)
        {
            query.Refuse("matches", refusal.Code, refusal.Detail);
        }

        var status = query.Text("status");
        if (status is not (null or "active" or "deprecated"))
        {
            query.Refuse("status", "query.status", "Must be active or deprecated.");
        }

        var page = query.Page<EventTypeId>("name");
        query.Done();

        var owner = await target.Owner(http, given);
        var rows = await types.List(owner, pattern, status, page.After?.Keys[0], page.Sort.Descending, page.Size + 1, http.RequestAborted);
        var (shown, next) = PageToken.Cut(rows, page, t => [t.State.Name!, t.Id.ToString()]);
        return Results.Json(new { event_types = shown.Select(EventTypeAnswer.Of), next_page_token = next }, Wire.Json);
    }
}
