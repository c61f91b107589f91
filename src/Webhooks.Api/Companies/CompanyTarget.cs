using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Companies;

namespace Webhooks.Api.Companies;

/// <summary>Finds the company that a path names.</summary>
internal static class CompanyTarget
{
    public static Target<Company, CompanyFact> Of(CompanyId company) =>
        new(company.Value, company == CompanyId.Installation ? Company.Installation : Company.Unknown, Company.Evolve);

    /// <exception cref="ProblemException">404: not a sid, or not the caller's company.</exception>
    public static CompanyId Parse(HttpContext http, string sid)
    {
        var company = Sid.TryParse<CompanyId>(sid, out var id) ? id : throw Problems.NotFound("company");
        http.Caller().RequireSight(company, "company");
        return company;
    }

    /// <summary>The company's row, which the installation itself has not.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public static async Task<CompanyRow> Find(HttpContext http, CompanyQueries companies, string sidOrCode)
    {
        var row = Sid.TryParse<CompanyId>(sidOrCode, out var id)
            ? await companies.Find(id, http.RequestAborted)
            : await companies.FindByCode(sidOrCode, http.RequestAborted);
        return row is not null && http.Caller().Sees(row.Company) ? row : throw Problems.NotFound("company");
    }

    /// <summary>For webhooks that name neither a profile nor a signature; null: none.</summary>
    public static async Task<WebhookProfile?> DefaultProfile(HttpContext http, CompanyQueries companies, CompanyId company) =>
        (await companies.Find(company, http.RequestAborted))?.Settings.DefaultProfile;
}
