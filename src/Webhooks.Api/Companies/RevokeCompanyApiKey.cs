using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Companies;

/// <summary>DELETE /v1/companies/{sid}/api-keys/{key_sid}</summary>
public static class RevokeCompanyApiKey
{
    public static void Map(RouteGroupBuilder api) => api.MapDelete("/companies/{sid}/api-keys/{key_sid}", Handle)
        .RequireScope(Scopes.Admin)
        .WithTags("API keys")
        .WithSummary("Revoke an API key")
        .WithDescription("It stops working on this node at once, on others within a second. Revoking it again changes nothing.")
        .Answers(204, "Revoked.");

    private static async Task<IResult> Handle(HttpContext http, string sid, string key_sid, CommandRunner commands, KeyRing ring)
    {
        var company = CompanyTarget.Parse(http, sid);
        var key = Sid.TryParse<ApiKeyId>(key_sid, out var id) ? id : throw Problems.NotFound("api_key");
        await commands.Run(http, CompanyTarget.Of(company), company, state => Company.Decide(state, new RevokeApiKey(key)));
        ring.Invalidate(key);
        return Results.NoContent();
    }
}
