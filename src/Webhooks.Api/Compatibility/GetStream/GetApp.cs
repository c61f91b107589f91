using Webhooks.Api.Http;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>GET /app</summary>
internal static class GetApp
{
    public static Task<IResult> Handle(HttpContext http, Hooks hooks, CompanyQueries companies) => Show(http, hooks, companies);

    public static async Task<IResult> Show(HttpContext http, Hooks hooks, CompanyQueries companies)
    {
        var company = http.Caller().Company;
        var row = await companies.Find(company, http.RequestAborted) ?? throw Problems.NotFound("company");
        var app = AppAnswer.Of(row.Name, row.Settings.CompressHooks == true, await hooks.Of(company, http.RequestAborted));
        return Results.Json(new { app, duration = RequestDuration.Of(http) }, AppJson.Of(http.Request));
    }
}
