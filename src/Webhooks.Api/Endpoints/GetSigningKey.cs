using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Companies;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>GET /v1/webhooks/{sid}/signing-keys/{key_sid}</summary>
public static class GetSigningKey
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/webhooks/{sid}/signing-keys/{key_sid}", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Signing keys")
        .WithSummary("Get a signing key")
        .WithDescription("With its secret when the key has the scope manage too; but the secret of an API key, by which GetStream's hooks are signed, is not shown while that key works. The ETag is the webhook's.")
        .Answers(200, "The signing key.", $$"""{"signing_key":{{SigningKeyAnswer.ExampleWithSecret}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, string key_sid, WebhookQueries webhooks, SigningKeys keys, ApiKeyQueries apiKeys, SecretSealer sealer)
    {
        new Query(http).Done();
        var found = await WebhookTarget.Find(http, webhooks, sid);
        if (!Sid.TryParse<SigningKeyId>(key_sid, out var id) || (await ListSigningKeys.Present(found, keys, http.RequestAborted)).FirstOrDefault(k => k.Id == id) is not { } key)
        {
            throw Problems.NotFound("signing_key");
        }

        var answer = http.Caller().May(Scopes.Manage) ? SigningKeyAnswer.WithSecret(key, sealer) : SigningKeyAnswer.WithoutSecret(key);
        if (answer.SharedSecret is { } secret && await OpensMore(secret, found.State.Company, apiKeys, sealer, http.RequestAborted))
        {
            answer = answer with { SharedSecret = null };
        }

        return Wire.Ok(http, found.Version, new { signing_key = answer });
    }

    /// <summary>Whether it is an API key's too: whoever read it here would have that key's scopes.</summary>
    private static async Task<bool> OpensMore(string secret, CompanyId company, ApiKeyQueries apiKeys, SecretSealer sealer, CancellationToken ct) =>
        (await apiKeys.Shared(company, ct)).Any(k => k.SharedSecret is { } boxed && sealer.Open(boxed, k.Key.ToString()) == secret);
}
