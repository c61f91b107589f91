using System.Buffers.Text;
using Webhooks.Api.Http;

namespace Webhooks.Api.Tests.Http;

public sealed class PageTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public void A_token_comes_back_as_it_was_written()
    {
        var token = new PageToken("url.asc", ["https://example.org/?ü=\"1\"", "wh_1"]);
        Assert.Equal(token.Keys, PageToken.Read(token.Write(), "url.asc", 2)!.Keys);
    }

    [Fact]
    public void A_token_changed_anywhere_is_none()
    {
        var bytes = Base64Url.DecodeFromChars(new PageToken("url.asc", ["a", "b"]).Write());
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.Null(PageToken.Read(Base64Url.EncodeToString(bytes), "url.asc", 2));
            bytes[i] ^= 1;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("!!!!")]
    [InlineData("AQ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_token_is_none(string text) => Assert.Null(PageToken.Read(text, "url.asc", 2));

    [Fact]
    public async Task Pages_follow_one_another_without_gap_or_overlap_in_both_directions()
    {
        for (var i = 0; i < 7; i++)
        {
            await service.GivenCompany();
        }

        var all = (await Walk("sort=code.asc&page_size=1000")).Single();
        Assert.True(all.Count >= 7);
        Assert.Equal(all.Order(StringComparer.Ordinal), all);
        Assert.Equal(all, (await Walk("page_size=2")).SelectMany(p => p));
        Assert.Equal(Enumerable.Reverse(all), (await Walk("sort=code.desc&page_size=3")).SelectMany(p => p));
    }

    [Theory]
    [InlineData("page_size=0", "page_size query.page_size")]
    [InlineData("page_size=1001", "page_size query.page_size")]
    [InlineData("page_size=ten", "page_size query.page_size")]
    [InlineData("page_size=-1", "page_size query.page_size")]
    [InlineData("sort=name.asc", "sort query.sort")]
    [InlineData("sort=code.up", "sort query.sort")]
    [InlineData("page_token=abc", "page_token query.page_token")]
    [InlineData("page_tokn=abc", "page_tokn query.unknown")]
    [InlineData("sort=code.asc&sort=code.desc", "sort query.repeated")]
    public async Task A_faulty_parameter_is_named(string query, string error)
    {
        var answer = await service.Get($"/v1/companies?{query}");
        answer.ExpectProblem(400, "query.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task All_faulty_parameters_are_named_at_once()
    {
        var answer = await service.Get("/v1/companies?page_size=x&sort=y&page_token=z&colour=red");
        Assert.Equal(["page_size query.page_size", "sort query.sort", "page_token query.page_token", "colour query.unknown"], answer.Errors);
    }

    [Fact]
    public async Task A_token_of_another_sort_is_refused()
    {
        await service.GivenCompany();
        await service.GivenCompany();
        var token = (string?)(await service.Get("/v1/companies?page_size=1&sort=code.asc")).Expect(200)["next_page_token"];
        Assert.NotEqual("", token);

        (await service.Get($"/v1/companies?sort=code.desc&page_token={token}")).ExpectProblem(400, "query.invalid");
    }

    private async Task<List<List<string>>> Walk(string query)
    {
        var pages = new List<List<string>>();
        string token = "";
        do
        {
            var page = (await service.Get($"/v1/companies?{query}&page_token={token}")).Expect(200);
            pages.Add([.. page["companies"]!.AsArray().Select(c => (string)c!["code"]!)]);
            token = (string)page["next_page_token"]!;
        }
        while (token.Length > 0);

        return pages;
    }
}
