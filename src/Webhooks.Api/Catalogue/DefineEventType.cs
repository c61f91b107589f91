using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Messages;

namespace Webhooks.Api.Catalogue;

/// <summary>POST /v1/event-types</summary>
public static class DefineEventType
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/event-types", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Event types")
        .WithSummary("Define an event type")
        .WithDescription("Adds a type to the catalogue: of the key's company, or with an admin key of the installation, whose types every company has. A type that was deleted can be defined anew; its versions go on.")
        .Takes(
            $$"""{"company_sid":"com_01h455vb4pex5vsknk084sn02q","name":"order.paid",{{EventTypeReader.Body}} }""",
            [
                Documentation.Optional("company_sid", "Whose type it is. Left out: the key's own company; with an admin key, the installation."),
                Documentation.Required("name", "As emitted: 1 to 128 characters of a-z, A-Z, 0-9, '.', '_', '-', ':' and '/', starting with a letter or digit."),
                .. EventTypeReader.Fields,
            ])
        .Answers(201, "Defined. 200 where it was defined so already.", $$"""{"event_type":{{EventTypeAnswer.Json}}}""");

    private static async Task<IResult> Handle(HttpContext http, EventTypeTarget target)
    {
        var body = await JsonBody.Read(http, EventTypeReader.MaxBytes);
        var given = body.OptionalSid<CompanyId>("company_sid");
        var name = body.String("name", 1, EventTypes.MaxLength);
        if (name.Length > 0)
        {
            body.Refuse(EventTypeRules.Refuse(name, "name"));
        }

        var definition = EventTypeReader.Read(body);
        body.Done();

        var owner = await target.Owner(http, given);
        var (view, changed) = await target.Define(http, owner, name, definition);
        return changed
            ? Wire.Created(http, $"/v1/event-types/{view.Id}", view.Version, new { event_type = EventTypeAnswer.Of(view) })
            : EventTypeTarget.Show(http, view);
    }
}
