using System.Text;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Companies;

public sealed class CompanySettingsTests(Platform platform) : IClassFixture<Platform>
{
    private Task<Answer> Patch(string company, string json, string? key = null, params (string, string)[] headers) =>
        platform.Service.Send(HttpMethod.Patch, $"/v1/companies/{company}", new StringContent(json, Encoding.UTF8, "application/merge-patch+json"), key ?? RunningService.Admin, headers);

    [Fact]
    public async Task A_company_shows_the_policy_it_has_set_and_can_take_it_back()
    {
        var company = await platform.Service.GivenCompany();
        var before = await platform.Service.Get($"/v1/companies/{company}");
        Assert.Null(before.Expect(200)["company"]!["default_retry_policy"]);

        var changed = await Patch(company, """{"default_retry_policy":{"kind":"fixed","interval_ms":3000,"attempts":{"status":3}}}""");
        Assert.Equal("""{"kind":"fixed","interval_ms":3000,"attempts":{"status":3}}""", changed.Expect(200)["company"]!["default_retry_policy"]!.ToJsonString());
        Assert.NotEqual(before.Header("ETag"), changed.Header("ETag"));
        var read = await platform.Service.Get($"/v1/companies/{company}");
        Assert.Equal((changed.Text, changed.Header("ETag")), (read.Text, read.Header("ETag")));

        Assert.Equal("""{"kind":"fixed","interval_ms":5,"attempts":{"status":3}}""", (await Patch(company, """{"default_retry_policy":{"interval_ms":5}}""")).Expect(200)["company"]!["default_retry_policy"]!.ToJsonString());
        Assert.NotNull((await Patch(company, "{}")).Expect(200)["company"]!["default_retry_policy"]);
        Assert.Null((await Patch(company, """{"default_retry_policy":null}""")).Expect(200)["company"]!["default_retry_policy"]);
    }

    [Fact]
    public async Task A_change_against_an_older_version_is_refused()
    {
        var company = await platform.Service.GivenCompany();
        var tag = (await platform.Service.Get($"/v1/companies/{company}")).Header("ETag")!;
        (await Patch(company, """{"default_retry_policy":{"kind":"preset","name":"streem"}}""", headers: ("If-Match", tag))).Expect(200);
        (await Patch(company, """{"default_retry_policy":null}""", headers: ("If-Match", tag))).ExpectProblem(412, "version.stale");
    }

    [Theory]
    [InlineData("""{"default_retry_policy":{"kind":"fixed","interval_ms":0}}""", "default_retry_policy.interval_ms field.range")]
    [InlineData("""{"weight":0}""", "weight field.range")]
    [InlineData("""{"default_retry_policy":"standard"}""", "default_retry_policy field.type")]
    [InlineData("""{"name":"Other Ltd"}""", "name field.unknown")]
    public async Task A_setting_that_breaks_its_rule_is_named(string json, string error)
    {
        var answer = await Patch(await platform.Service.GivenCompany(), json);
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task The_weight_is_given_by_the_installation_alone()
    {
        var tenant = await platform.GivenTenant();
        Assert.Equal(1, (int)(await platform.Service.Get($"/v1/companies/{tenant.Company}")).Expect(200)["company"]!["weight"]!);
        (await Patch(tenant.Company, """{"weight":100}""", tenant.Key)).ExpectProblem(403, "auth.scope");
        Assert.Equal(5, (int)(await Patch(tenant.Company, """{"weight":5}""")).Expect(200)["company"]!["weight"]!);
        Assert.Equal(5, (int)(await Patch(tenant.Company, """{"default_retry_policy":{"kind":"preset","name":"standard"}}""", tenant.Key)).Expect(200)["company"]!["weight"]!);
        Assert.Equal(1, (int)(await Patch(tenant.Company, """{"weight":null}""")).Expect(200)["company"]!["weight"]!);
    }

    [Fact]
    public async Task Its_own_keys_change_it_where_they_manage_and_nobody_elses()
    {
        var (mine, theirs) = (await platform.GivenTenant(), await platform.GivenTenant());
        const string Policy = """{"default_retry_policy":{"kind":"preset","name":"standard"}}""";
        (await Patch(mine.Company, Policy, mine.Key)).Expect(200);
        (await Patch(mine.Company, Policy, theirs.Key)).ExpectProblem(404, "company.not_found");
        (await Patch(mine.Company, Policy, await platform.Service.GivenKey(mine.Company, "read"))).ExpectProblem(403, "auth.scope");
    }

    [Fact]
    public async Task Webhooks_without_a_policy_are_retried_as_their_company_says()
    {
        var tenant = await platform.GivenTenant();
        (await Patch(tenant.Company, """{"default_retry_policy":{"kind":"fixed","interval_ms":1,"max_attempts":2}}""", tenant.Key)).Expect(200);
        var path = Tenant.NewPath();
        platform.Receiver.Answer(path, _ => new Reply(500, []));
        (await platform.Service.Post("/v1/webhooks", $$"""{"url":"{{platform.Receiver.Url(path)}}","max_attempts":9}""", tenant.Key)).Expect(201);

        var delivery = await tenant.Delivery(await tenant.Accepted("a", "1"), "exhausted");
        Assert.Equal((2, "attempts"), ((int?)delivery["attempt_count"], (string?)delivery["exhausted_reason"]));
    }
}
