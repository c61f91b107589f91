using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Messages;

namespace Webhooks.Api.Catalogue;

/// <summary>PUT /v1/event-types/{sid or name}</summary>
public static class ReplaceEventType
{
    public static void Map(RouteGroupBuilder api) => api.MapPut("/event-types/{sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Event types")
        .WithSummary("Replace an event type's definition")
        .WithDescription($"{EventTypeTarget.InPath} As a whole: what is left out goes back to its default. What was read may be sent back: fields that the service sets itself are passed over. A definition that differs is a new version; events are judged by the newest one.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .TakesSome(
            $$"""{ {{EventTypeReader.Body}} }""",
            $$"""{"company_sid":"com_01h455vb4pex5vsknk084sn02q","name":"order.paid",{{EventTypeReader.Body}} }""",
            [
                Documentation.Optional("name", "An event type keeps its name: if given, the present one."),
                Documentation.Optional("company_sid", "An event type stays where it is: if given, its company; null where it is the installation's."),
                .. EventTypeReader.Fields,
            ])
        .Answers(200, "The event type as it is now.", $$"""{"event_type":{{EventTypeAnswer.Json}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target)
    {
        var type = await target.FindOwn(http, sid);
        var body = Fields.Of(JsonValue.Parse(await JsonBody.ReadBytes(http, EventTypeReader.MaxBytes)).Without(EventTypeAnswer.SetByTheService));
        var name = body.OptionalString("name", 1, EventTypes.MaxLength);
        if (body.OptionalSid<CompanyId>("company_sid") is { } company && company != type.Company)
        {
            body.Refuse("company_sid", "event_type.company", "An event type stays where it is.");
        }

        var definition = EventTypeReader.Read(body);
        body.Done();
        var (view, _) = await target.Run(http, type, state => Decide(state, name, definition));
        return EventTypeTarget.Show(http, view);
    }

    private static Decision Decide(EventType state, string? name, EventTypeDefinition definition) =>
        name is not null && state.Name is { } present && name != present
            ? Refusal.Invalid("name", "event_type.name", "An event type keeps its name; define another one, and deprecate this.")
            : EventType.Decide(state, new ChangeEventType(definition));
}
