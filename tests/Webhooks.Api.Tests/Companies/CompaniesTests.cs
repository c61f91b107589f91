namespace Webhooks.Api.Tests.Companies;

public sealed class CompaniesTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task A_registered_company_is_found_by_its_sid_and_by_its_code()
    {
        var answer = await service.Post("/v1/companies", """{"code":"acme","name":"Acme Ltd"}""");
        var company = answer.Expect(201)["company"]!;
        Assert.Equal($"/v1/companies/{company["sid"]}", answer.Header("Location"));
        Assert.Equal(("acme", "Acme Ltd", true), ((string?)company["code"], (string?)company["name"], (bool)company["active"]!));

        Assert.Equal(answer.Text, (await service.Get($"/v1/companies/{company["sid"]}")).Text);
        Assert.Equal(answer.Text, (await service.Get("/v1/companies/acme")).Text);
    }

    [Fact]
    public async Task A_code_is_given_once()
    {
        (await service.Post("/v1/companies", """{"code":"taken","name":"First"}""")).Expect(201);
        var second = await service.Post("/v1/companies", """{"code":"taken","name":"Second"}""");
        second.ExpectProblem(409, "company.code_taken");
        Assert.Equal(["code company.code_taken"], second.Errors);
    }

    [Theory]
    [InlineData("""{"code":"has space","name":"x"}""", "code company.code")]
    [InlineData("""{"code":"com_01h455vb4pex5vsknk084sn02q","name":"x"}""", "code company.code")]
    [InlineData("""{"code":"a","name":"tab\there"}""", "name company.name")]
    [InlineData("""{"code":"","name":"x"}""", "code field.length")]
    public async Task A_broken_rule_names_its_field(string json, string error)
    {
        var answer = await service.Post("/v1/companies", json);
        Assert.Equal(422, answer.Status);
        Assert.Equal([error], answer.Errors);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("com_01h455vb4pex5vsknk084sn02q")]
    [InlineData("wh_01h455vb4pex5vsknk084sn02q")]
    public async Task An_unknown_company_is_not_found(string sid) => (await service.Get($"/v1/companies/{sid}")).ExpectProblem(404, "company.not_found");
}
