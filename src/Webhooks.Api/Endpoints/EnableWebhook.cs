using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>POST /v1/webhooks/{sid}/~enable</summary>
public static class EnableWebhook
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/webhooks/{sid}/~enable", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Webhooks")
        .WithSummary("Enable a webhook")
        .WithDescription("It takes events again, and the deliveries parked meanwhile go out, oldest first and ever faster. Its health starts afresh. Enabling an active one changes nothing.")
        .Answers(200, "The webhook as it is now.", $$"""{"webhook":{{WebhookAnswer.Example}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, CommandRunner commands, SecretSealer sealer)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        (await JsonBody.ReadOptional(http)).Done();
        var view = await WebhookTarget.Run(http, commands, found, state => Webhook.Decide(state, new Domain.Endpoints.EnableWebhook()));
        return WebhookTarget.Show(http, view, sealer);
    }
}
