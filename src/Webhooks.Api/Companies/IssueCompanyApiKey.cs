using Webhooks.Api.Hosting;
using Webhooks.Api.Http;
using Webhooks.Domain;
using Webhooks.Domain.Companies;

namespace Webhooks.Api.Companies;

/// <summary>POST /v1/companies/{sid}/api-keys</summary>
public static class IssueCompanyApiKey
{
    private const int MaxScopes = 4;

    public static void Map(RouteGroupBuilder api) => api.MapPost("/companies/{sid}/api-keys", Handle)
        .RequireScope(Scopes.Admin)
        .WithTags("API keys")
        .WithSummary("Issue an API key")
        .WithDescription("The secret is shown by this answer alone, and kept nowhere in the clear. The key's sid is the user name of Basic authentication.")
        .Takes(
            """{"label":"Production","scopes":["emit","read"]}""",
            Documentation.Required("label", "For people: 1 to 200 characters."),
            Documentation.Required("scopes", "At least one of emit, manage, read; admin for the installation's own keys alone."))
        .Answers(201, "Issued; the secret is shown this once.", $$"""{"api_key":{{ApiKeyAnswer.ExampleWithSecret}}}""");

    private static async Task<IResult> Handle(HttpContext http, string sid, CommandRunner commands, KeyRing ring)
    {
        var company = CompanyTarget.Parse(http, sid);
        var body = await JsonBody.Read(http);
        var label = body.String("label", 1, Company.MaxLabelLength);
        var scopes = body.Enums<Scopes>("scopes", MaxScopes).Aggregate(Scopes.None, (all, scope) => all | scope);
        body.Done();

        var secret = FirstKey.NewSecret();
        var command = new IssueApiKey(new ApiKeyId(Guid.CreateVersion7()), label, scopes, FirstKey.Hash(secret));
        var outcome = await commands.Run(http, CompanyTarget.Of(company), company, state => Company.Decide(state, command));
        ring.Invalidate(command.Key);
        return Wire.Created(http, $"/v1/companies/{company}/api-keys/{command.Key}", outcome.Version, new
        {
            api_key = new ApiKeyAnswer(command.Key, company, label, ApiKeyAnswer.NamesOf(scopes), secret, outcome.ChangedAt),
        });
    }
}
