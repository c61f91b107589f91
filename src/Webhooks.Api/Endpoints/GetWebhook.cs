using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>GET /v1/webhooks/{sid}</summary>
public static class GetWebhook
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/webhooks/{sid}", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Webhooks")
        .WithSummary("Get a webhook")
        .WithDescription($"Values of sensitive headers are shown as {HeaderAnswer.Redacted} unless the key has the scope manage too. A field left out has no value: retry_policy then is the installation's default. health says how it takes what it is sent: healthy, degraded, paused (its deliveries are parked until a probe succeeds) or disabled.")
        .Answers(200, "The webhook.", $$"""{"webhook":{{WebhookAnswer.Example}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, SecretSealer sealer)
    {
        new Query(http).Done();
        var view = await WebhookTarget.Find(http, webhooks, sid);
        return ETag.NotModified(http, view.Version) ? Results.StatusCode(StatusCodes.Status304NotModified) : WebhookTarget.Show(http, view, sealer);
    }
}
