using Webhooks.Api.Hosting;
using Webhooks.Api.Http;
using Webhooks.Api.Messages;
using Webhooks.Delivery;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Messages;
using Webhooks.Projections.Catalogue;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Catalogue;

/// <summary>POST /v1/event-types/~audience: would anyone receive this event? For platforms that make payloads at a price.</summary>
public static class AskAudience
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/event-types/~audience", Handle)
        .RequireScope(Scopes.Emit)
        .WithTags("Event types")
        .WithSummary("Ask who would receive an event")
        .WithDescription("""
            Counts the webhooks of the company that an event would go to, by the very code that matches events, and says what the catalogue would say to it. Nothing is emitted.
            Without a payload filters are not asked: receives is then true where any webhook takes type and channels, and filtered tells how many of them would look at the payload.
            A webhook that was registered before the question is counted, on whichever node. Events of a moment later may meet others.
            """)
        .Takes(
            """{"company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"order.paid","channels":["eu"],"payload":{"order":4711}}""",
            Documentation.Optional("company_sid", "Required with an admin key; a company's key implies it."),
            Documentation.Required("type", "As of an event."),
            Documentation.Optional("channels", "As of an event."),
            Documentation.Optional("payload", "Any JSON value but null, of at most Emit:MaxPayloadBytes bytes (413 beyond)."))
        .Answers(
            200,
            "Whether anyone would. errors is missing where the event would be accepted; event_type where the catalogue has no such type.",
            """{"receives":true,"matched_webhooks":3,"filtered":1,"accepted":false,"errors":[{"field":"payload.order","code":"payload.schema","detail":"Must be of type string (type)."}],"event_type":{"sid":"ety_3v5tkq8m0g8gq9xj2r4c7e1b5d","status":"active","version":2,"enforced":true}}""");

    private static async Task<IResult> Handle(HttpContext http, DeliveryNode node, EnforcedCatalogue catalogue, EventTypeQueries types, CompanyQueries companies, EmitOptions options)
    {
        var body = await EmitBody.ReadAround(http, "payload", options.MaxPayloadBytes);
        var given = body.OptionalSid<CompanyId>("company_sid");
        if (http.Caller().IsAdmin && body.Presence("company_sid") != Presence.Value)
        {
            body.Refuse("company_sid", "field.required", "Is required with an admin key.");
        }

        var type = body.String("type", 1, EventTypes.MaxLength);
        if (type.Length > 0)
        {
            body.Refuse(EventTypes.Refuse(type, "type"));
        }

        EquatableArray<string> channels = Endpoints.SelectionReader.ReadChannels(body, Channels.MaxPerEvent);
        var payload = body.Presence("payload") == Presence.Value ? body.RawValue("payload") : default;
        body.Done();
        if (payload.Length > options.MaxPayloadBytes)
        {
            throw new ProblemException(EmitBody.TooLarge(options.MaxPayloadBytes));
        }

        var company = given ?? http.Caller().Company;
        http.Caller().RequireSight(company, "company");
        _ = await companies.Find(company, http.RequestAborted) ?? throw Problems.NotFound("company");
        var picture = await node.Routing.Fresh(await node.Routing.For(company));
        var matched = payload.IsEmpty ? picture.Candidates(type, channels) : picture.Match(type, channels, payload);
        var problem = catalogue.Judge(company, type, payload);
        var known = await types.ByName(company, type, http.RequestAborted);
        return Results.Json(Answer(matched, payload.IsEmpty, problem, known), Wire.Json);
    }

    private static object Answer(RoutedWebhook[] matched, bool isAnyPayload, Problem? problem, EventTypeView? known) => new
    {
        receives = matched.Length > 0,
        matched_webhooks = matched.Length,
        filtered = isAnyPayload ? matched.Count(w => w.Filter is not null) : 0,
        accepted = problem is null,
        errors = problem?.Errors.AsEnumerable(),
        event_type = known is null ? null : new { sid = known.Id, known.State.Status, known.State.Version, known.State.Definition!.Enforced },
    };
}
