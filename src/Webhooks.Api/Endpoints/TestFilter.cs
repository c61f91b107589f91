using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Filtering;
using Webhooks.Domain.Messages;
using Webhooks.Domain.Payloads;

namespace Webhooks.Api.Endpoints;

/// <summary>POST /v1/webhooks/~test-filter: would a webhook with these settings get this event, and if not, why not. Changes nothing.</summary>
public static class TestFilter
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/webhooks/~test-filter", (Delegate)Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Webhooks")
        .WithSummary("Try a filter on an event")
        .WithDescription("Tells whether a webhook with these event_types, channels and filter would get this event, by the very code that matches events. why names the first condition broken; it is missing where the event matches.")
        .Takes(
            """
            {"event_types":["order.*"],"channels":["eu"],"filter":{"order.total":{"$gt":100}},
             "event":{"type":"order.paid","channels":["eu"],"payload":{"order":{"total":99.5}}}}
            """,
            Documentation.Optional("event_types", "As of a webhook."),
            Documentation.Optional("channels", "As of a webhook."),
            Documentation.Optional("filter", "As of a webhook."),
            Documentation.Required("event", "The event to try."),
            Documentation.Optional("event.type", "Required where event_types are given."),
            Documentation.Optional("event.channels", "As of an event."),
            Documentation.Required("event.payload", "Any JSON value but null."))
        .Answers(200, "Whether it matches.", """{"matches":false,"why":"filter: order.total is 99.5, not greater than 100"}""");

    private static async Task<IResult> Handle(HttpContext http)
    {
        var body = await JsonBody.Read(http);
        var types = SelectionReader.ReadEventTypes(body);
        var channels = SelectionReader.ReadChannels(body);
        var filter = SelectionReader.ReadFilter(body, out _);
        var e = ReadEvent(body, types.Length > 0);
        body.Done();

        var why = WhyNot(types, channels, filter, e);
        return Results.Json(new { matches = why is null, why }, Wire.Json);
    }

    private static Event ReadEvent(Fields body, bool needsType)
    {
        if (body.OptionalObject("event") is not { } e)
        {
            if (body.Presence("event") != Presence.Value)
            {
                body.Refuse("event", "field.required", "Is required.");
            }

            return new Event("", [], default);
        }

        var type = needsType ? e.String("type", 1, EventTypes.MaxLength) : e.OptionalString("type", 1, EventTypes.MaxLength) ?? "";
        if (type.Length > 0)
        {
            e.Refuse(EventTypes.Refuse(type, "type"));
        }

        return new Event(type, SelectionReader.ReadChannels(e, Channels.MaxPerEvent), e.RawValue("payload"));
    }

    private static string? WhyNot(string[] types, string[] channels, PayloadFilter? filter, Event e)
    {
        if (types.Length > 0 && !types.Any(t => EventTypePattern.Matches(t, e.Type)))
        {
            return $"event_types: {e.Type} is none of {string.Join(", ", types.Take(5))}{(types.Length > 5 ? ", …" : "")}";
        }

        if (channels.Length > 0 && !channels.Intersect(e.Channels).Any())
        {
            return e.Channels.Length == 0 ? "channels: the event carries none" : $"channels: the event carries {string.Join(", ", e.Channels)}, and none of these is wanted";
        }

        using var payload = JsonIndex.Of(e.Payload);
        return filter?.WhyNot(payload) is { } why ? $"filter: {why}" : null;
    }

    private sealed record Event(string Type, string[] Channels, ReadOnlyMemory<byte> Payload);
}
