using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>DELETE /v1/webhooks/{sid}</summary>
public static class DeleteWebhook
{
    public static void Map(RouteGroupBuilder api) => api.MapDelete("/webhooks/{sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Webhooks")
        .WithSummary("Delete a webhook")
        .WithDescription("For good: deliveries that wait for it are cancelled. Its history and its deliveries stay readable. Deleting it again changes nothing.")
        .Answers(204, "Deleted.");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, CommandRunner commands)
    {
        var found = await WebhookTarget.FindEvenDeleted(http, webhooks, sid);
        await commands.Run(http, WebhookTarget.Of(found.Id), found.State.Company, state => Webhook.Decide(state, new Domain.Endpoints.DeleteWebhook()));
        return Results.NoContent();
    }
}
