using System.Text.Json;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Catalogue;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Catalogue;

/// <summary>PATCH /v1/event-types/{sid or name}</summary>
public static class PatchEventType
{
    public static void Map(RouteGroupBuilder api) => api.MapPatch("/event-types/{sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Event types")
        .WithSummary("Change an event type's definition")
        .WithDescription($"{EventTypeTarget.InPath} JSON Merge Patch (RFC 7396): what is left out stays, null goes back to the default; schema and example are replaced as a whole. A definition that differs is a new version; events are judged by the newest one.")
        .AsksFor("company_sid", EventTypeTarget.CompanyParameter)
        .TakesSome("""{"description":"An order was paid in full.","enforced":true}""", $$"""{ {{EventTypeReader.Body}} }""", EventTypeReader.Fields)
        .Answers(200, "The event type as it is now.", $$"""{"event_type":{{EventTypeAnswer.Json}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, EventTypeTarget target)
    {
        var type = await target.FindOwn(http, sid);
        var patch = JsonValue.Parse(await JsonBody.ReadBytes(http, EventTypeReader.MaxBytes));
        var (view, _) = await target.Run(http, type, state => Decide(state, patch));
        return EventTypeTarget.Show(http, view);
    }

    private static Decision Decide(EventType state, JsonValue patch)
    {
        if (state.Definition is not { } present || state.Status == EventTypeStatus.Deleted)
        {
            return Refusal.NotFound("event_type");
        }

        var body = Fields.Of(MergePatch.Apply(Json(present), patch));
        var definition = EventTypeReader.Read(body);
        body.Done();
        return EventType.Decide(state, new ChangeEventType(definition));
    }

    /// <summary>As a PUT would send it.</summary>
    private static JsonValue Json(EventTypeDefinition definition) =>
        JsonValue.Parse(JsonSerializer.SerializeToUtf8Bytes(new { definition.Description, definition.Schema, definition.Example, definition.Enforced }, Wire.Json));
}
