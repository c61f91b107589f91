using Webhooks.Api.Http;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Messages;

namespace Webhooks.Api.Catalogue;

/// <summary>POST /v1/event-types/{sid or name}/~deprecate</summary>
public static class DeprecateEventType
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/event-types/{sid}/~deprecate", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Event types")
        .WithSummary("Deprecate an event type")
        .WithDescription($"{EventTypeTarget.InPath} Tells people not to begin with it. It can be emitted and is delivered all the same. ~reinstate takes it back.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .TakesOptionally(
            """{"note":"Gone in 2027.","replaced_by":"order.settled"}""",
            Documentation.Optional("note", $"For people: why, until when. Up to {EventType.MaxNoteLength} characters."),
            Documentation.Optional("replaced_by", "The type to use instead."))
        .Answers(200, "The event type as it is now.", $$"""{"event_type":{{EventTypeAnswer.Json}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target)
    {
        var type = await target.FindOwn(http, sid);
        var body = await JsonBody.ReadOptional(http);
        var command = new Domain.Catalogue.DeprecateEventType(body.OptionalString("note", 1, EventType.MaxNoteLength), body.OptionalString("replaced_by", 1, EventTypes.MaxLength));
        body.Done();
        var (view, _) = await target.Run(http, type, state => EventType.Decide(state, command));
        return EventTypeTarget.Show(http, view);
    }
}
