using Webhooks.Api.Http;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Catalogue;

/// <summary>GET /v1/event-types/{sid or name}</summary>
public static class GetEventType
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/event-types/{sid}", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Event types")
        .WithSummary("Get an event type")
        .WithDescription($"{EventTypeTarget.InPath} A company's own type comes before one of the installation with the same name.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .Answers(200, "The event type.", $$"""{"event_type":{{EventTypeAnswer.Json}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target)
    {
        var view = await target.Find(http, new Query(http), sid);
        return ETag.NotModified(http, view.Version) ? Results.StatusCode(StatusCodes.Status304NotModified) : EventTypeTarget.Show(http, view);
    }
}
