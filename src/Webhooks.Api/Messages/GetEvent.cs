using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Messages;

namespace Webhooks.Api.Messages;

/// <summary>GET /v1/events/{sid}</summary>
public static class GetEvent
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/events/{sid}", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Events")
        .WithSummary("Get an event")
        .WithDescription("With its payload, byte for byte as it was emitted, and the delivery of each webhook that matched. Known as soon as it was answered with 202.")
        .Answers(200, "The event.", $$"""{"event":{{EventAnswer.Details}}}""");

    private static async Task Handle(HttpContext http, string sid, MessageQueries messages)
    {
        new Query(http).Done();
        var found = Sid.TryParse<MessageId>(sid, out var id) ? await messages.One(id, http.RequestAborted) : null;
        if (found is null || !http.Caller().Sees(found.Summary.Company))
        {
            throw Problems.NotFound("event");
        }

        await JsonAnswer.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("event");
            EventAnswer.Write(json, found);
            json.WriteEndObject();
        });
    }
}
