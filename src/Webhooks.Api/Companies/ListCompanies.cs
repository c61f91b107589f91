using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Companies;

/// <summary>GET /v1/companies</summary>
public static class ListCompanies
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/companies", Handle)
        .RequireScope(Scopes.Admin)
        .WithTags("Companies")
        .WithSummary("List companies")
        .WithDescription("By code, a page at a time.")
        .IsPaged("code")
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"companies":[{{CompanyAnswer.Example}}],"next_page_token":""}""");

    private static async Task<IResult> Handle(HttpContext http, CompanyQueries companies)
    {
        var query = new Query(http);
        var page = query.Page<CompanyId>("code");
        query.Done();

        var rows = await companies.List(page.After?.Keys[0], page.Sort.Descending, page.Size + 1, http.RequestAborted);
        var (shown, next) = PageToken.Cut(rows, page, c => [c.Code, c.Company.ToString()]);
        return Results.Json(new { companies = shown.Select(CompanyAnswer.Of), next_page_token = next }, Wire.Json);
    }
}
