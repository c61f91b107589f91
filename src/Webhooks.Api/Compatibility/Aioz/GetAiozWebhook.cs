using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Compatibility;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>GET /api/webhooks/{id}</summary>
public static class GetAiozWebhook
{
    public static void Map(RouteGroupBuilder webhooks) => webhooks.MapGet("/{id}", Handle)
        .RequireScope(Scopes.Read)
        .WithSummary("Get a webhook")
        .WithDescription("A flag is true where the webhook takes that event, by whatever of its event types.")
        .Answers(200, "The webhook.", $$"""{"status":"success","data":{"webhook":{{AiozWebhookAnswer.Example}} } }""");

    private static async Task<IResult> Handle(HttpContext http, string id, WebhookQueries webhooks, AiozWebhookQueries aioz)
    {
        var found = await AiozTarget.Find(http, webhooks, id);
        return AiozApi.Data(new { webhook = AiozWebhookAnswer.Of(found, await aioz.LastTriggeredAt(found.Id, http.RequestAborted)) });
    }
}
