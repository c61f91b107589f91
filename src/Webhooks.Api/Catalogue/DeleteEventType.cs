using Webhooks.Api.Http;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Catalogue;

/// <summary>DELETE /v1/event-types/{sid or name}</summary>
public static class DeleteEventType
{
    public static void Map(RouteGroupBuilder api) => api.MapDelete("/event-types/{sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Event types")
        .WithSummary("Delete an event type")
        .WithDescription($"{EventTypeTarget.InPath} The catalogue has it no more; webhooks that name it, and its events, stay as they are. Deleting it again changes nothing.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .Answers(204, "Deleted.");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target)
    {
        var type = await target.FindOwn(http, sid);
        await target.Run(http, type, state => EventType.Decide(state, new Domain.Catalogue.DeleteEventType()));
        return Results.NoContent();
    }
}
