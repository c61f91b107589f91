using System.Text;

namespace Webhooks.Api.Tests.Http;

public sealed class AuthenticationTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task A_key_is_taken_as_basic_and_as_bearer()
    {
        var company = await service.GivenCompany();
        var (sid, secret) = await service.GivenApiKey(company, "read");

        (await service.Get($"/v1/companies/{company}", RunningService.Basic(sid, secret))).Expect(200);
        (await service.Get($"/v1/companies/{company}", $"Bearer {sid}.{secret}")).Expect(200);
        (await service.Get($"/v1/companies/{company}", $"bearer {sid}.{secret}")).Expect(200);
    }

    [Fact]
    public async Task The_bootstrap_key_is_taken_by_the_name_it_was_given()
    {
        (await service.Get("/v1/companies", RunningService.Admin)).Expect(200);
        (await service.Get("/v1/companies", $"Bearer {RunningService.AdminName}.{RunningService.AdminSecret}")).Expect(200);
    }

    [Fact]
    public async Task Without_a_key_the_answer_says_which_ways_there_are()
    {
        var answer = await service.Send(HttpMethod.Get, "/v1/companies", (string?)null, authorization: null);
        answer.ExpectProblem(401, "auth.missing");
        Assert.Contains("Basic realm=", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Contains("Bearer realm=", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Basic /////w==")]
    [InlineData("Bearer x")]
    [InlineData("Bearer x.y")]
    [InlineData("Bearer key_01h455vb4pex5vsknk084sn02q.secret")]
    [InlineData("Digest a")]
    [InlineData("x")]
    public async Task What_is_no_key_is_refused(string authorization) =>
        (await service.Send(HttpMethod.Get, "/v1/companies", (string?)null, authorization)).ExpectProblem(401, "auth.invalid");

    [Fact]
    public async Task A_wrong_secret_is_refused()
    {
        (await service.Get("/v1/companies", RunningService.Basic(RunningService.AdminName, RunningService.AdminSecret + "x"))).ExpectProblem(401, "auth.invalid");
        (await service.Get("/v1/companies", RunningService.Basic(RunningService.AdminName, ""))).ExpectProblem(401, "auth.invalid");
    }

    [Fact]
    public async Task An_endless_header_is_refused() =>
        (await service.Get("/v1/companies", $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('a', 3000)))}")).ExpectProblem(401, "auth.invalid");

    [Fact]
    public async Task A_key_without_the_scope_is_told_which_one_it_needs()
    {
        var company = await service.GivenCompany();
        var problem = (await service.Get($"/v1/companies/{company}", await service.GivenKey(company, "emit"))).ExpectProblem(403, "auth.scope");
        Assert.Contains("'read'", (string?)problem["detail"], StringComparison.Ordinal);
        (await service.Post("/v1/companies", "{}", await service.GivenKey(company, "emit", "manage", "read"))).ExpectProblem(403, "auth.scope");
    }

    [Fact]
    public async Task Another_company_does_not_exist_for_a_key()
    {
        var mine = await service.GivenCompany();
        var foreign = await service.GivenCompany();
        var key = await service.GivenKey(mine, "emit", "manage", "read");
        var code = (string?)(await service.Get($"/v1/companies/{foreign}")).Expect(200)["company"]!["code"];

        (await service.Get($"/v1/companies/{mine}", key)).Expect(200);
        (await service.Get($"/v1/companies/{foreign}", key)).ExpectProblem(404, "company.not_found");
        (await service.Get($"/v1/companies/{code}", key)).ExpectProblem(404, "company.not_found");
        (await service.Get("/v1/companies/com_00000000000000000000000000", key)).ExpectProblem(404, "company.not_found");
    }

    [Fact]
    public async Task A_revoked_key_stops_working_at_once()
    {
        var company = await service.GivenCompany();
        var (sid, secret) = await service.GivenApiKey(company, "read");
        (await service.Get($"/v1/companies/{company}", RunningService.Basic(sid, secret))).Expect(200);

        Assert.Equal(204, (await service.Delete($"/v1/companies/{company}/api-keys/{sid}")).Status);

        (await service.Get($"/v1/companies/{company}", RunningService.Basic(sid, secret))).ExpectProblem(401, "auth.invalid");
    }
}
