using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Catalogue;

/// <summary>PUT /v1/event-types/{sid or name}</summary>
public static class ReplaceEventType
{
    public static void Map(RouteGroupBuilder api) => api.MapPut("/event-types/{sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Event types")
        .WithSummary("Replace an event type's definition")
        .WithDescription($"{EventTypeTarget.InPath} As a whole: what is left out goes back to its default. A definition that differs is a new version; events are judged by the newest one.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .Takes($$"""{ {{EventTypeReader.Body}} }""", EventTypeReader.Fields)
        .Answers(200, "The event type as it is now.", $$"""{"event_type":{{EventTypeAnswer.Json}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target)
    {
        var query = new Query(http);
        var given = query.Sid<CompanyId>("company_sid");
        query.Done();
        var type = await target.FindOwn(http, sid, await target.Owner(http, given));
        var body = await JsonBody.Read(http, EventTypeReader.MaxBytes);
        var definition = EventTypeReader.Read(body);
        body.Done();
        var (view, _) = await target.Run(http, type, state => EventType.Decide(state, new ChangeEventType(definition)));
        return EventTypeTarget.Show(http, view);
    }
}
