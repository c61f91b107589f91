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
        .WithDescription("A new key signs at once. Those of its kind before it sign too until the overlap is over (with schemes, those that were for no others), so that receivers have time to change. Schemes that carry one signature (getstream, github, shopify, hook0, custom without separator) are signed by the old key alone until then, and by the new one from that moment on, cut_over_at. ETag and If-Match are the webhook's.")
        .TakesOptionally(
            $$"""{"overlap_seconds":86400,{{NewSigningKey.BodyFields}}}""",
            [
                Documentation.Optional("overlap_seconds", $"How long the keys before sign beside the new one: 0 to {Webhook.MaxOverlap.TotalSeconds:0}; {DefaultOverlapSeconds} when left out."),
                .. NewSigningKey.Fields,
            ])
        .Answers(201, "Rotated: the new key, with its secret.", $$"""{"signing_key":{{SigningKeyAnswer.ExampleWithSecret}},"cut_over_at":"2026-02-01T12:00:00.000Z"}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, CommandRunner commands, SecretSealer sealer, TimeProvider time)
    {
        var found = await WebhookTarget.Find(http, webhooks, sid);
        var body = await JsonBody.ReadOptional(http);
        var overlap = body.OptionalInteger("overlap_seconds", 0, (long)Webhook.MaxOverlap.TotalSeconds) ?? DefaultOverlapSeconds;
        var key = NewSigningKey.Read(body);
        body.Done();

        var now = time.GetUtcNow();
        var view = await WebhookTarget.Run(http, commands, found, state =>
        {
            var (kind, secret, refusal) = key.For(state);
            return refusal is not null
                ? refusal
                : Webhook.Decide(state, new Domain.Endpoints.RotateSigningKey(key.Id, key.Label ?? LabelOf(state), sealer.Seal(secret, found.Id.ToString()), TimeSpan.FromSeconds(overlap), now) { Kind = kind, Schemes = key.Schemes });
        });
        return Wire.Created(http, $"/v1/webhooks/{found.Id}/signing-keys/{key.Id}", view.Version, new
        {
            signing_key = SigningKeyAnswer.OfNew(view.State, key.Id, found.Id, sealer, view.UpdatedAt),
            cut_over_at = now.AddSeconds(overlap),
        });
    }

    /// <summary>A new key without a label of its own inherits that of the newest.</summary>
    private static string LabelOf(Webhook webhook) => webhook.Keys.IsEmpty ? "" : webhook.Keys[0].Label;
}
