using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Companies;

/// <summary>POST /v1/companies</summary>
public static class RegisterCompany
{
    private static readonly Dictionary<string, Refusal> Constraints = new(StringComparer.Ordinal)
    {
        ["companies_code_unique"] = new(RefusalKind.Conflict, "company.code_taken", "Another company has this code.", "code"),
    };

    public static void Map(RouteGroupBuilder api) => api.MapPost("/companies", Handle)
        .RequireScope(Scopes.Admin)
        .WithTags("Companies")
        .WithSummary("Register a company")
        .WithDescription("A company owns webhooks, events and keys; nothing of it is seen by another one.")
        .Takes(
            """{"code":"acme","name":"Acme Ltd"}""",
            Documentation.Required("code", "Unique: the name by which your platform knows its customer. 1 to 64 characters of a-z, A-Z, 0-9, '-', '_' and '.', starting with a letter or digit."),
            Documentation.Required("name", "For people: 1 to 200 characters."))
        .Answers(201, "Registered.", $$"""{"company":{{CompanyAnswer.Example}}}""");

    private static async Task<IResult> Handle(HttpContext http, CommandRunner commands)
    {
        var body = await JsonBody.Read(http);
        var command = new Domain.Companies.RegisterCompany(
            body.String("code", 1, Company.MaxCodeLength),
            body.String("name", 1, Company.MaxNameLength));
        body.Done();

        var sid = new CompanyId(Guid.CreateVersion7());
        var outcome = await commands.Run(http, CompanyTarget.Of(sid), sid, state => Company.Decide(state, command), constraints: Constraints);
        return Wire.Created(http, $"/v1/companies/{sid}", outcome.Version, new { company = new CompanyAnswer(sid, command.Code, command.Name, Active: true, outcome.CreatedAt) });
    }
}
