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
        .WithDescription("With its payload, byte for byte as it was emitted, and the delivery of each webhook that matched. Known as soon as it was answered with 202. One with deliver_at has a status, too: scheduled, released or cancelled.")
        .Answers(200, "The event.", $$"""{"event":{{EventAnswer.Details}}}""");

    private static async Task Handle(HttpContext http, string sid, MessageQueries messages)
    {
        new Query(http).Done();
        await Show(http, await Find(http, sid, messages));
    }

    /// <exception cref="ProblemException">404: none, or another company's.</exception>
    internal static async Task<MessageDetails> Find(HttpContext http, string sid, MessageQueries messages)
    {
        var found = Sid.TryParse<MessageId>(sid, out var id) ? await messages.One(id, http.RequestAborted) : null;
        return found is not null && http.Caller().Sees(found.Summary.Company) ? found : throw Problems.NotFound("event");
    }

    internal static Task Show(HttpContext http, MessageDetails e) => JsonAnswer.Write(http, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("event");
        EventAnswer.Write(json, e);
        json.WriteEndObject();
    });
}
