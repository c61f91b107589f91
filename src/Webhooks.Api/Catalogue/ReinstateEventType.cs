using Webhooks.Api.Http;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Catalogue;

/// <summary>POST /v1/event-types/{sid or name}/~reinstate</summary>
public static class ReinstateEventType
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/event-types/{sid}/~reinstate", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Event types")
        .WithSummary("Reinstate an event type")
        .WithDescription($"{EventTypeTarget.InPath} It is deprecated no more. Reinstating one that is not changes nothing.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .Answers(200, "The event type as it is now.", $$"""{"event_type":{{EventTypeAnswer.Json}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target)
    {
        var type = await target.FindOwn(http, sid);
        (await JsonBody.ReadOptional(http)).Done();
        var (view, _) = await target.Run(http, type, state => EventType.Decide(state, new Domain.Catalogue.ReinstateEventType()));
        return EventTypeTarget.Show(http, view);
    }
}
