namespace Webhooks.Api.Tests.Messages;

public class ListEventsTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task Events_are_listed_newest_first_without_payloads()
    {
        var tenant = await platform.GivenTenant();
        var older = await tenant.Accepted("a", "{\"secret\":1}");
        var list = await tenant.List("/v1/events");
        var shown = Assert.Single(list["events"]!.AsArray())!;
        Assert.Equal((string?)older["sid"], (string?)shown["sid"]);
        Assert.Equal(12, (int?)shown["payload_bytes"]);
        Assert.DoesNotContain("secret", list.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("", (string?)list["next_page_token"]);
        Assert.Matches(@"^\d{4}-.*Z$", (string?)list["as_of"]);
    }

    [Fact]
    public async Task An_accepted_event_is_listed_at_once()
    {
        var tenant = await platform.GivenTenant();
        var accepted = await tenant.Accepted("a", "1");
        var list = (await tenant.Get("/v1/events")).Expect(200)["events"]!.AsArray();
        Assert.Equal((string?)accepted["sid"], (string?)Assert.Single(list)!["sid"]);
    }

    [Fact]
    public async Task Events_are_found_by_type_and_time()
    {
        var tenant = await platform.GivenTenant();
        var a = (string)(await tenant.Accepted("a", "1"))["sid"]!;
        var b = (string)(await tenant.Accepted("b", "1"))["sid"]!;
        Assert.Equal([a], await tenant.Sids("/v1/events?type=a", "events"));
        Assert.Equal([b], await tenant.Sids($"/v1/events?type=b&company_sid={tenant.Company}", "events"));
        Assert.Empty(await tenant.Sids("/v1/events?type=c", "events"));
        Assert.Equal(2, (await tenant.Sids("/v1/events?since=2020-01-01T00:00:00Z", "events")).Count);
        Assert.Empty(await tenant.Sids("/v1/events?since=2999-01-01T00:00:00Z", "events"));
        Assert.Empty(await tenant.Sids("/v1/events?until=2020-01-01T00:00:00%2B02:00", "events"));
    }

    [Fact]
    public async Task Pages_go_on_where_the_one_before_ended()
    {
        var tenant = await platform.GivenTenant();
        var emitted = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            emitted.Add((string)(await tenant.Accepted("a", $"{i}"))["sid"]!);
        }

        var seen = new List<string>();
        var token = "";
        do
        {
            var page = await tenant.List($"/v1/events?page_size=3&page_token={token}");
            seen.AddRange(page["events"]!.AsArray().Select(e => (string)e!["sid"]!));
            token = (string)page["next_page_token"]!;
        }
        while (token.Length > 0);

        Assert.Equal(emitted.Order(StringComparer.Ordinal).Reverse(), seen);
    }

    [Theory]
    [InlineData("sort=sid.asc", "sort query.sort")]
    [InlineData("page_size=0", "page_size query.page_size")]
    [InlineData("since=yesterday", "since query.since")]
    [InlineData("since=2026-01-31T12:00:00", "since query.since")]
    [InlineData("page_token=abc", "page_token query.page_token")]
    [InlineData("colour=red", "colour query.unknown")]
    public async Task A_query_that_breaks_a_rule_is_refused(string query, string error)
    {
        var answer = await platform.Service.Get($"/v1/events?{query}");
        answer.ExpectProblem(400, "query.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Theory]
    [InlineData("evt_01h455vb4pex5vsknk084sn02s")]
    [InlineData("nonsense")]
    public async Task An_unknown_event_is_not_found(string sid) => (await platform.Service.Get($"/v1/events/{sid}")).ExpectProblem(404, "event.not_found");
}
