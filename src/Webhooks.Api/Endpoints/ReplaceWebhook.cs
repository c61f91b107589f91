using Webhooks.Api.Companies;
using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>PUT /v1/webhooks/{sid}</summary>
public static class ReplaceWebhook
{
    public static void Map(RouteGroupBuilder api) => api.MapPut("/webhooks/{sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Webhooks")
        .WithSummary("Replace a webhook's configuration")
        .WithDescription("As a whole: what is left out goes back to its default. What was read may be sent back: fields that the service sets itself are passed over. Deliveries under way finish as they began; retries use the new configuration. Status and signing keys stay.")
        .TakesSome(WebhookDocs.BodyExample, WebhookDocs.Whole, [Documentation.Optional("company_sid", "A webhook stays with its company: if given, the present one."), .. WebhookDocs.Fields])
        .Answers(200, "The webhook as it is now.", $$"""{"webhook":{{WebhookAnswer.Example}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, CompanyQueries companies, CommandRunner commands, WebhookReader reader, SecretSealer sealer)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        var body = JsonValue.Parse(await JsonBody.ReadBytes(http, JsonBody.MaxCommandBytes)).Without(WebhookAnswer.SetByTheService);
        var byDefault = await CompanyTarget.DefaultProfile(http, companies, found.State.Company);
        var view = await WebhookTarget.Run(http, commands, found, state => reader.Replace(found.Id, state, body, byDefault));
        return WebhookTarget.Show(http, view, sealer);
    }
}
