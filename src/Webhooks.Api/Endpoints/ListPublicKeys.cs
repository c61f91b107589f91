using System.Buffers.Text;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>GET /v1/webhooks/{sid}/public-keys</summary>
public static class ListPublicKeys
{
    /// <summary>Well below the overlap of a rotation, during which either key will do.</summary>
    private const string Caching = "public, max-age=300";

    public static void Map(RouteGroupBuilder api) => api.MapGet("/webhooks/{sid}/public-keys", Handle)
        .WithTags("Signing keys")
        .WithSummary("List public keys")
        .WithDescription("The public halves of the webhook's key pairs that sign at present, newest first, as a JSON Web Key Set (RFC 7517, RFC 8037) and as whpk_. For receivers, which hold no API key: it needs none. Empty where no key is of the kind ed25519.")
        .Answers(200, "The keys.", """{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"sgk_01h455vb4pex5vsknk084sn02r","x":"8VMhcZ7lru0rTVDLLUBS9nyAZIyYeLCK58EcmxTfEkU","public_key":"whpk_8VMhcZ7lru0rTVDLLUBS9nyAZIyYeLCK58EcmxTfEkU=","valid_until":"2026-02-01T12:00:00.000Z"}]}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, WebhookQueries webhooks, SecretSealer sealer, TimeProvider time)
    {
        new Query(http).Done();
        var view = Sid.TryParse<WebhookId>(sid, out var id) ? await webhooks.One(id, http.RequestAborted) : null;
        if (view is null || view.State.Status == WebhookStatus.Deleted)
        {
            throw Problems.NotFound("webhook");
        }

        var now = time.GetUtcNow();
        var keys = view.State.Keys.Where(k => k.Kind == SigningKeyKind.Ed25519 && k.SignsAt(now)).Select(k => Show(k, sealer.Open(k.Secret, id.ToString())));
        http.Response.Headers.CacheControl = Caching;
        return Results.Json(new { keys }, Wire.Json);
    }

    private static object Show(SigningKey key, string secret)
    {
        var text = SigningSecret.PublicKeyOf(secret);
        return new
        {
            kty = "OKP",
            crv = "Ed25519",
            use = "sig",
            alg = "EdDSA",
            kid = key.Id,
            x = Base64Url.EncodeToString(Convert.FromBase64String(text[SigningSecret.PublicKeyPrefix.Length..])),
            public_key = text,
            valid_until = key.ValidUntil,
        };
    }
}
