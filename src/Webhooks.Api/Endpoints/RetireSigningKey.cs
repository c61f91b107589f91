using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
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

    private static async Task<IResult> Handle(HttpContext http, string sid, string key_sid, WebhookQueries webhooks, WebhookReader reader, CommandRunner commands, TimeProvider time)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        var key = Sid.TryParse<SigningKeyId>(key_sid, out var id) ? id : throw Problems.NotFound("signing_key");
        var command = new Domain.Endpoints.RetireSigningKey(key, time.GetUtcNow());
        await WebhookTarget.Run(http, commands, found, state => RefuseLast(reader, found.Id, state, key) is { } refusal ? refusal : Webhook.Decide(state, command));
        return Results.NoContent();
    }

    /// <summary>What the domain can't see: the others are there, and a scheme can sign with none of them.</summary>
    private static Refusal? RefuseLast(WebhookReader reader, WebhookId id, Webhook state, SigningKeyId key)
    {
        var left = state with { Keys = state.Keys.RemoveAll(k => k.Id == key) };
        foreach (var scheme in state.Configuration?.SignedWith.Select(s => s.Scheme) ?? [])
        {
            if (reader.RefuseKeys(id, state, scheme) is null && reader.RefuseKeys(id, left, scheme) is not null)
            {
                return Refusal.Conflict("webhook.last_signing_key", $"Nothing that is left can sign for {EnumNames<SignatureScheme>.Of(scheme)}; add or rotate a key first.");
            }
        }

        return null;
    }
}
