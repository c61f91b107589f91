using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Companies;

/// <summary>GET /v1/companies/{sid}/api-keys</summary>
public static class ListApiKeys
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/companies/{sid}/api-keys", Handle)
        .RequireScope(Scopes.Admin)
        .WithTags("API keys")
        .WithSummary("List API keys")
        .WithDescription("Those that work, in the order of their issue; secrets are never shown again.")
        .IsPaged("sid")
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"api_keys":[{{ApiKeyAnswer.Example}}],"next_page_token":""}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, CompanyQueries companies, ApiKeyQueries keys)
    {
        var company = CompanyTarget.Parse(http, sid);
        var query = new Query(http);
        var page = query.Page<ApiKeyId>("sid");
        query.Done();
        if (company != CompanyId.Installation)
        {
            await CompanyTarget.Find(http, companies, sid);
        }

        var rows = await keys.List(company, page.After?.Id<ApiKeyId>(0), page.Sort.Descending, page.Size + 1, http.RequestAborted);
        var (shown, next) = PageToken.Cut(rows, page, k => [k.Key.ToString()]);
        return Results.Json(new { api_keys = shown.Select(ApiKeyAnswer.Of), next_page_token = next }, Wire.Json);
    }
}
