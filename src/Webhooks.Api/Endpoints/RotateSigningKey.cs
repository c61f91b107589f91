using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>POST /v1/webhooks/{sid}/signing-keys/~rotate</summary>
public static class RotateSigningKey
{
    private const long DefaultOverlapSeconds = 24 * 60 * 60;

    public static void Map(RouteGroupBuilder api) => api.MapPost("/webhooks/{sid}/signing-keys/~rotate", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Signing keys")
        .WithSummary("Rotate the signing key")
        .WithDescription("A new key signs at once. Those before it sign too until the overlap is over, so that receivers have time to change. ETag and If-Match are the webhook's.")
        .TakesOptionally(
            $$"""{"overlap_seconds":86400,{{NewSigningKey.BodyFields}}}""",
            [
                Documentation.Optional("overlap_seconds", $"How long the keys before sign beside the new one: 0 to {Webhook.MaxOverlap.TotalSeconds:0}; {DefaultOverlapSeconds} when left out."),
                .. NewSigningKey.Fields,
            ])
        .Answers(201, "Rotated: the new key, with its secret.", $$"""{"signing_key":{{SigningKeyAnswer.ExampleWithSecret}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, CommandRunner commands, SecretSealer sealer, TimeProvider time)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        var body = await JsonBody.ReadOptional(http);
        var overlap = body.OptionalInteger("overlap_seconds", 0, (long)Webhook.MaxOverlap.TotalSeconds) ?? DefaultOverlapSeconds;
        var key = NewSigningKey.Read(body);
        body.Done();

        var sealedSecret = sealer.Seal(key.Secret, found.Id.ToString());
        var now = time.GetUtcNow();
        var view = await WebhookTarget.Run(http, commands, found, state => key.RefuseFor(state) is { } refusal
            ? refusal
            : Webhook.Decide(state, new Domain.Endpoints.RotateSigningKey(key.Id, key.Label ?? LabelOf(state), sealedSecret, TimeSpan.FromSeconds(overlap), now)));
        return Wire.Created(http, $"/v1/webhooks/{found.Id}/signing-keys/{key.Id}", view.Version, new
        {
            signing_key = new SigningKeyAnswer(key.Id, found.Id, LabelOf(view.State), key.Secret, ValidUntil: null, view.UpdatedAt),
        });
    }

    /// <summary>A new key without a label of its own inherits that of the newest.</summary>
    private static string LabelOf(Webhook webhook) => webhook.Keys.IsEmpty ? "" : webhook.Keys[0].Label;
}
