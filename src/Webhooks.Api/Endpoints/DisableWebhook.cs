using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>POST /v1/webhooks/{sid}/~disable</summary>
public static class DisableWebhook
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/webhooks/{sid}/~disable", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Webhooks")
        .WithSummary("Disable a webhook")
        .WithDescription("Events still match it, but their deliveries are parked until it is enabled; test events go out all the same. Disabling it again changes nothing.")
        .Answers(200, "The webhook as it is now.", $$"""{"webhook":{{WebhookAnswer.Example}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, CommandRunner commands, SecretSealer sealer, DatabaseClock clock)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        (await JsonBody.ReadOptional(http)).Done();
        var view = await WebhookTarget.Run(http, commands, found, state => Webhook.Decide(state, new Domain.Endpoints.DisableWebhook(DisabledReason.Manual) { Now = clock.Now }));
        return WebhookTarget.Show(http, view, sealer);
    }
}
