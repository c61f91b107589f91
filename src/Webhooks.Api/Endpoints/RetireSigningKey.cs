using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>DELETE /v1/webhooks/{sid}/signing-keys/{key_sid}</summary>
public static class RetireSigningKey
{
    public static void Map(RouteGroupBuilder api) => api.MapDelete("/webhooks/{sid}/signing-keys/{key_sid}", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Signing keys")
        .WithSummary("Remove a signing key")
        .WithDescription("It signs nothing any more. The last current key of a webhook can't be removed. ETag and If-Match are the webhook's.")
        .Answers(204, "Removed.");

    private static async Task<IResult> Handle(HttpContext http, string sid, string key_sid, WebhookQueries webhooks, CommandRunner commands, TimeProvider time)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        var key = Sid.TryParse<SigningKeyId>(key_sid, out var id) ? id : throw Problems.NotFound("signing_key");
        var command = new Domain.Endpoints.RetireSigningKey(key, time.GetUtcNow());
        await WebhookTarget.Run(http, commands, found, state => Webhook.Decide(state, command));
        return Results.NoContent();
    }
}
