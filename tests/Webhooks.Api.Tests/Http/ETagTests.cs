using Microsoft.AspNetCore.Http;
using Webhooks.Api.Http;

namespace Webhooks.Api.Tests.Http;

public sealed class ETagTests(RunningService service) : IClassFixture<RunningService>
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("*", true)]
    [InlineData("\"v3\"", true)]
    [InlineData("\"v2\", \"v3\"", true)]
    [InlineData("\"v2\"", false)]
    [InlineData("W/\"v3\"", false)]
    [InlineData("\"other\"", false)]
    [InlineData("\"v+3\"", false)]
    public void If_match_allows_the_versions_it_names(string? header, bool allowed) => Assert.Equal(allowed, Read(header).Allows(3));

    [Theory]
    [InlineData("v3")]
    [InlineData("\"v3")]
    [InlineData("\"v3\" \"v4\"")]
    [InlineData("\"v3\",")]
    [InlineData("")]
    public void A_malformed_if_match_is_refused(string header) => Assert.Equal(400, Assert.Throws<ProblemException>(() => Read(header)).Problem.Status);

    [Fact]
    public async Task A_resource_carries_its_version()
    {
        var company = await service.GivenCompany();
        Assert.Equal("\"v1\"", (await service.Get($"/v1/companies/{company}")).Header("ETag"));
        await service.GivenKey(company, "read");
        Assert.Equal("\"v2\"", (await service.Get($"/v1/companies/{company}")).Header("ETag"));
    }

    [Fact]
    public async Task What_was_seen_already_is_not_sent_again()
    {
        var company = await service.GivenCompany();
        var same = await service.Send(HttpMethod.Get, $"/v1/companies/{company}", (string?)null, RunningService.Admin, ("If-None-Match", "W/\"v1\""));
        Assert.Equal((304, "", "\"v1\""), (same.Status, same.Text, same.Header("ETag")));

        (await service.Send(HttpMethod.Get, $"/v1/companies/{company}", (string?)null, RunningService.Admin, ("If-None-Match", "\"v0\""))).Expect(200);
    }

    [Fact]
    public async Task A_change_decided_on_an_old_version_is_refused_and_changes_nothing()
    {
        var company = await service.GivenCompany();
        await service.GivenKey(company, "read");

        (await Issue(company, "\"v1\"")).ExpectProblem(412, "version.stale");
        Assert.Equal("\"v2\"", (await service.Get($"/v1/companies/{company}")).Header("ETag"));
        var issued = await Issue(company, "\"v2\"");
        issued.Expect(201);
        Assert.Equal("\"v3\"", issued.Header("ETag"));
        (await Issue(company, "*")).Expect(201);
        (await Issue(company, "v4")).ExpectProblem(400, "header.etag");
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_whatever_version_is_meant() =>
        (await Issue("com_01h455vb4pex5vsknk084sn02q", "\"v1\"")).ExpectProblem(404, "company.not_found");

    [Fact]
    public async Task Changes_at_the_same_time_all_succeed_when_none_names_a_version()
    {
        var company = await service.GivenCompany();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.Post($"/v1/companies/{company}/api-keys", """{"label":"x","scopes":["read"]}""")));

        Assert.All(answers, a => a.Expect(201));
        Assert.Equal("\"v5\"", (await service.Get($"/v1/companies/{company}")).Header("ETag"));
    }

    private Task<Answer> Issue(string company, string ifMatch) =>
        service.Send(HttpMethod.Post, $"/v1/companies/{company}/api-keys", """{"label":"x","scopes":["read"]}""", RunningService.Admin, ("If-Match", ifMatch));

    private static IfMatch Read(string? header)
    {
        var http = new DefaultHttpContext();
        if (header is not null)
        {
            http.Request.Headers.IfMatch = header;
        }

        return IfMatch.Read(http);
    }
}
