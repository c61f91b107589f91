using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>POST /v1/webhooks/{sid}/signing-keys</summary>
public static class AddSigningKey
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/webhooks/{sid}/signing-keys", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Signing keys")
        .WithSummary("Add a signing key")
        .WithDescription($"It signs at once, beside the others; a webhook signs with at most {Webhook.MaxSigningKeys}. Schemes that carry one signature go on with the oldest key until that is removed or ends. ETag and If-Match are the webhook's.")
        .TakesOptionally($$"""{{{NewSigningKey.BodyFields}}}""", NewSigningKey.Fields)
        .Answers(201, "Added, with its secret.", $$"""{"signing_key":{{SigningKeyAnswer.ExampleWithSecret}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, CommandRunner commands, SecretSealer sealer, TimeProvider time)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        var body = await JsonBody.ReadOptional(http);
        var key = NewSigningKey.Read(body);
        body.Done();

        var now = time.GetUtcNow();
        var view = await WebhookTarget.Run(http, commands, found, state =>
        {
            var (kind, secret, refusal) = key.For(state);
            return refusal is not null ? refusal : Webhook.Decide(state, new Domain.Endpoints.AddSigningKey(key.Id, key.Label ?? "", sealer.Seal(secret, found.Id.ToString()), now) { Kind = kind, Schemes = key.Schemes });
        });
        return Wire.Created(http, $"/v1/webhooks/{found.Id}/signing-keys/{key.Id}", view.Version, new
        {
            signing_key = SigningKeyAnswer.OfNew(view.State, key.Id, found.Id, sealer, view.UpdatedAt),
        });
    }
}
