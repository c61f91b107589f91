using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>DELETE /api/webhooks/{id}</summary>
public static class DeleteAiozWebhook
{
    public static void Map(RouteGroupBuilder webhooks) => webhooks.MapDelete("/{id}", Handle)
        .RequireScope(Scopes.Manage)
        .WithSummary("Delete a webhook")
        .WithDescription("For good. Deleting it again is a 404, as with AIOZ.")
        .Answers(200, "Deleted.", """{"status":"success","message":"Webhook deleted."}""");

    private static async Task<IResult> Handle(HttpContext http, string id, WebhookQueries webhooks, CommandRunner commands)
    {
        var found = await AiozTarget.Find(http, webhooks, id);
        await WebhookTarget.Run(http, commands, found, state => Webhook.Decide(state, new Domain.Endpoints.DeleteWebhook()));
        return AiozApi.Message("Webhook deleted.");
    }
}
