using Webhooks.Api.Http;
using Webhooks.Delivery;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Messages;

namespace Webhooks.Api.Messages;

/// <summary>POST /v1/events/{sid}/~cancel</summary>
public static class CancelEvent
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/events/{sid}/~cancel", Handle)
        .RequireScope(Scopes.Emit)
        .WithTags("Events")
        .WithSummary("Call a scheduled event back")
        .WithDescription("Before its deliver_at: then none of its deliveries is ever sent. Asking again changes nothing. Refused (409) once it is due, and for events that were emitted without deliver_at.")
        .Answers(200, "It is cancelled.", $$"""{"event":{{EventAnswer.Cancelled}}}""");

    private static async Task Handle(HttpContext http, string sid, MessageQueries messages, DeliveryNode node)
    {
        new Query(http).Done();
        (await JsonBody.ReadOptional(http)).Done();
        var found = await GetEvent.Find(http, sid, messages);
        if (await node.Cancellations.Cancel(found.Summary.Id, found.Summary.Company, http.Caller().Key, http.Call().Correlation, http.RequestAborted) is { } refusal)
        {
            throw new ProblemException(Problems.Of(refusal));
        }

        await GetEvent.Show(http, await GetEvent.Find(http, sid, messages));
    }
}
