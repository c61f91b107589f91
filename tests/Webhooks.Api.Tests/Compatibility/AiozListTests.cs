namespace Webhooks.Api.Tests.Compatibility;

public sealed class AiozListTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task A_page_holds_so_many_from_an_offset_on_and_the_number_of_all()
    {
        var account = await AiozAccount.Of(service);
        await Given(account, "a", "b", "c", "d");

        Assert.Equal("a b c d", await Names(account, ""));
        Assert.Equal("a b", await Names(account, "limit=2&offset=0"));
        Assert.Equal("d", await Names(account, "limit=3&offset=3"));
        Assert.Equal("", await Names(account, "offset=10"));
        Assert.Equal(4, (int)(await account.Send("GET", "?limit=1&offset=10")).Expect(200)["data"]!["total"]!);
    }

    [Fact]
    public async Task Names_are_searched_whatever_their_case_and_sorted_both_ways()
    {
        var account = await AiozAccount.Of(service);
        await Given(account, "Beta test", "alpha", "TESTING 100%", "delta");

        Assert.Equal("Beta test TESTING 100%", await Names(account, "search=test"));
        Assert.Equal("TESTING 100%", await Names(account, "search=0%25"));
        Assert.Equal("TESTING 100% Beta test", await Names(account, "search=test&sort_by=created_at&order_by=desc"));
        Assert.Equal("delta alpha TESTING 100% Beta test", await Names(account, "sort_by=name&order_by=desc"));
    }

    [Fact]
    public async Task Names_beyond_ASCII_are_searched_whatever_their_case_too()
    {
        var account = await AiozAccount.Of(service);
        await Given(account, "Ärger", "ÄRGER 2", "Arger");

        Assert.Equal("Ärger ÄRGER 2", await Names(account, $"search={Uri.EscapeDataString("ärger")}"));
    }

    [Fact]
    public async Task Flags_that_are_true_narrow_the_list_and_those_that_are_false_do_not()
    {
        var account = await AiozAccount.Of(service);
        await account.GivenWebhook("\"name\":\"received\",\"file_received\":true");
        await account.GivenWebhook("\"name\":\"both\",\"file_received\":true,\"encoding_finished\":true");
        (await service.Post("/v1/webhooks", """{"label":"all","url":"https://hooks.example.com/in","profile":"aiozstream"}""", account.Authorization)).Expect(201);
        (await service.Post("/v1/webhooks", """{"label":"pattern","url":"https://hooks.example.com/in","profile":"aiozstream","event_types":["*.finished"]}""", account.Authorization)).Expect(201);

        Assert.Equal("received both all", await Names(account, "file_received=true"));
        Assert.Equal("both all pattern", await Names(account, "encoding_finished=true"));
        Assert.Equal("both all", await Names(account, "encoding_finished=true&encoding_started=false&file_received=true"));
        Assert.Equal("all pattern", await Names(account, "partial_finished=true"));
        Assert.Equal("received both all pattern", await Names(account, "file_received=false"));
    }

    [Theory]
    [InlineData("offset=-1", "offset")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("sort_by=id", "sort_by")]
    [InlineData("order_by=up", "order_by")]
    [InlineData("file_received=1", "file_received")]
    public async Task A_parameter_out_of_bounds_is_refused(string query, string message) =>
        AiozAccount.IsRefused(await (await AiozAccount.Of(service)).Send("GET", $"?{query}"), 400, message);

    [Fact]
    public async Task Only_what_is_there_and_the_users_own_is_listed()
    {
        var (account, other) = (await AiozAccount.Of(service), await AiozAccount.Of(service));
        await other.GivenWebhook();
        var id = await account.GivenWebhook();
        (await account.Send("DELETE", $"/{id}")).Expect(200);
        Assert.Equal("", await Names(account, ""));
    }

    private static async Task Given(AiozAccount account, params string[] names)
    {
        foreach (var name in names)
        {
            await account.GivenWebhook($"\"name\":\"{name}\",\"file_received\":true");
        }
    }

    private static async Task<string> Names(AiozAccount account, string query)
    {
        var data = (await account.Send("GET", $"?{query}")).Expect(200)["data"]!;
        return string.Join(' ', data["webhooks"]!.AsArray().Select(w => (string?)w!["name"]));
    }
}
