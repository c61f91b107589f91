namespace Webhooks.Api.Tests.Companies;

public sealed class ApiKeysTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task The_secret_is_shown_by_the_issue_and_never_again()
    {
        var company = await service.GivenCompany();
        var issued = (await service.Post($"/v1/companies/{company}/api-keys", """{"label":"Production","scopes":["emit","read"]}""")).Expect(201)["api_key"]!;
        Assert.Equal((company, "Production", """["emit","read"]"""), ((string?)issued["company_sid"], (string?)issued["label"], issued["scopes"]!.ToJsonString()));
        Assert.True(((string)issued["secret"]!).Length >= 40);

        var listed = Assert.Single((await service.Get($"/v1/companies/{company}/api-keys")).Expect(200)["api_keys"]!.AsArray())!;
        Assert.Null(listed["secret"]);
        Assert.Equal((string?)issued["sid"], (string?)listed["sid"]);
        Assert.Equal((string?)issued["created_at"], (string?)listed["created_at"]);
    }

    [Fact]
    public async Task Keys_are_listed_in_the_order_of_their_issue()
    {
        var company = await service.GivenCompany();
        var issued = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            issued.Add((await service.GivenApiKey(company, "read")).Sid);
        }

        var first = (await service.Get($"/v1/companies/{company}/api-keys?page_size=2")).Expect(200);
        var second = (await service.Get($"/v1/companies/{company}/api-keys?page_size=2&page_token={first["next_page_token"]}")).Expect(200);
        Assert.Equal(issued, [.. Sids(first), .. Sids(second)]);
        Assert.Equal("", (string?)second["next_page_token"]);
        Assert.Equal(Enumerable.Reverse(issued), Sids((await service.Get($"/v1/companies/{company}/api-keys?sort=sid.desc")).Expect(200)));
    }

    [Fact]
    public async Task Revoking_twice_is_revoking_once()
    {
        var company = await service.GivenCompany();
        var (sid, _) = await service.GivenApiKey(company, "read");

        Assert.Equal(204, (await service.Delete($"/v1/companies/{company}/api-keys/{sid}")).Status);
        Assert.Equal(204, (await service.Delete($"/v1/companies/{company}/api-keys/{sid}")).Status);
        Assert.Empty(Sids((await service.Get($"/v1/companies/{company}/api-keys")).Expect(200)));
        Assert.Equal("\"v3\"", (await service.Get($"/v1/companies/{company}")).Header("ETag"));
    }

    [Fact]
    public async Task A_key_is_revoked_through_its_own_company_alone()
    {
        var company = await service.GivenCompany();
        var other = await service.GivenCompany();
        var (sid, _) = await service.GivenApiKey(company, "read");

        (await service.Delete($"/v1/companies/{other}/api-keys/{sid}")).ExpectProblem(404, "api_key.not_found");
        (await service.Delete($"/v1/companies/{company}/api-keys/nonsense")).ExpectProblem(404, "api_key.not_found");
        Assert.Single(Sids((await service.Get($"/v1/companies/{company}/api-keys")).Expect(200)));
    }

    [Theory]
    [InlineData("""{"label":"x","scopes":[]}""", "scopes api_key.scopes")]
    [InlineData("""{"label":"x","scopes":["reed"]}""", "scopes[0] field.value")]
    [InlineData("""{"label":"x","scopes":["admin"]}""", "scopes api_key.scopes")]
    [InlineData("""{"label":"","scopes":["read"]}""", "label field.length")]
    [InlineData("""{"label":"x"}""", "scopes field.required")]
    [InlineData("""{"label":"x","scopes":["read"],"kind":"plain"}""", "kind field.value")]
    [InlineData("""{"label":"x","scopes":["read"],"secret":"0123456789abcdef0123456789abcdef"}""", "secret api_key.secret")]
    [InlineData("""{"label":"x","scopes":["read"],"kind":"shared_secret","secret":"0123456789 bcdef0123456789abcdef"}""", "secret api_key.secret")]
    [InlineData("""{"label":"x","scopes":["read"],"kind":"shared_secret","secret":"short"}""", "secret field.length")]
    public async Task A_broken_rule_names_its_field(string json, string error)
    {
        var answer = await service.Post($"/v1/companies/{await service.GivenCompany()}/api-keys", json);
        Assert.Equal(422, answer.Status);
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task The_installation_issues_further_admin_keys()
    {
        const string Installation = "com_00000000000000000000000000";
        var key = await service.GivenKey(Installation, "admin");

        (await service.Get("/v1/companies", key)).Expect(200);
        Assert.True(Sids((await service.Get($"/v1/companies/{Installation}/api-keys", key)).Expect(200)).Count >= 2);
    }

    [Fact]
    public async Task A_shared_secret_can_be_brought_along_and_is_shown_and_kept_readable_nowhere()
    {
        const string Secret = "9p3wq8kJ2mW8v7b6n5m4l3k2j1h0g9f8";
        var company = await service.GivenCompany();
        var key = (await service.Post($"/v1/companies/{company}/api-keys", $$"""{"label":"x","scopes":["read"],"kind":"shared_secret","secret":"{{Secret}}"}""")).Expect(201)["api_key"]!;
        Assert.Equal((Secret, "shared_secret"), ((string?)key["secret"], (string?)key["kind"]));

        (await service.Get($"/v1/companies/{company}", RunningService.Basic((string)key["sid"]!, Secret))).Expect(200);
        var listed = (await service.Get($"/v1/companies/{company}/api-keys")).Expect(200);
        Assert.Equal("shared_secret", (string?)listed["api_keys"]![0]!["kind"]);
        Assert.DoesNotContain(Secret, listed.ToJsonString(), StringComparison.Ordinal);

        await using var stored = service.Database.DataSource.CreateCommand("select count(*) from es.events where position($1 in encode(data, 'escape')) > 0");
        stored.Parameters.Add(new Npgsql.NpgsqlParameter<string> { TypedValue = Secret });
        Assert.Equal(0L, await stored.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Keys_of_an_unknown_company_are_not_found()
    {
        (await service.Get("/v1/companies/com_01h455vb4pex5vsknk084sn02q/api-keys")).ExpectProblem(404, "company.not_found");
        (await service.Post("/v1/companies/nobody/api-keys", """{"label":"x","scopes":["read"]}""")).ExpectProblem(404, "company.not_found");
    }

    private static List<string> Sids(System.Text.Json.Nodes.JsonNode page) => [.. page["api_keys"]!.AsArray().Select(k => (string)k!["sid"]!)];
}
