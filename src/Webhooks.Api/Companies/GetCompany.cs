using Webhooks.Api.Http;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Companies;

/// <summary>GET /v1/companies/{sid or code}</summary>
public static class GetCompany
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/companies/{sid}", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Companies")
        .WithSummary("Get a company")
        .WithDescription("By its sid, or by its code.")
        .Answers(200, "The company.", $$"""{"company":{{CompanyAnswer.Example}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, CompanyQueries companies)
    {
        new Query(http).Done();
        var row = await CompanyTarget.Find(http, companies, sid);
        return ETag.NotModified(http, row.Version)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Wire.Ok(http, row.Version, new { company = CompanyAnswer.Of(row) });
    }
}
