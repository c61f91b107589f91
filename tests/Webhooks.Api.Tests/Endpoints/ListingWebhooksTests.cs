namespace Webhooks.Api.Tests.Endpoints;

public sealed class ListingWebhooksTests(RunningService service) : IClassFixture<RunningService>
{
    [Theory]
    [InlineData("url")]
    [InlineData("label")]
    [InlineData("created_at")]
    public async Task Pages_hold_every_webhook_once_in_order_both_ways_ties_included(string field)
    {
        var customer = await Customer.Of(service);
        for (var i = 0; i < 11; i++)
        {
            // Few urls and labels, so that many are equal; upper-case and other letters beside them.
            await customer.GivenWebhook($"\"label\":\"{new[] { "b", "a", "É", "B" }[i % 4]}\"", $"https://{new[] { "b", "a" }[i % 2]}.example.com/");
        }

        var ascending = await customer.All($"/v1/webhooks?sort={field}.asc", "webhooks", 3);
        var descending = await customer.All($"/v1/webhooks?sort={field}.desc", "webhooks", 4);
        var sids = ascending.Select(w => (string)w["sid"]!).ToList();
        Assert.Equal(11, sids.Distinct().Count());
        Assert.Equal(sids, descending.Select(w => (string)w["sid"]!).Reverse());
        var keys = ascending.Select(w => (string)w[field]!).ToList();
        Assert.Equal(keys.Distinct().Count(), keys.Zip(keys.Skip(1)).Count(p => p.First != p.Second) + 1);
    }

    [Fact]
    public async Task Without_a_sort_the_oldest_comes_first()
    {
        var customer = await Customer.Of(service);
        var sids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            sids.Add(await customer.GivenWebhook());
        }

        Assert.Equal(sids, (await customer.All("/v1/webhooks", "webhooks", 2)).Select(w => (string)w["sid"]!));
        Assert.Equal(sids, (await customer.All("/v1/webhooks?sort=created_at", "webhooks", 2)).Select(w => (string)w["sid"]!));
    }

    [Fact]
    public async Task An_admin_key_lists_all_companies_or_one()
    {
        var (one, other) = (await Customer.Of(service), await Customer.Of(service));
        var (mine, theirs) = (await one.GivenWebhook(), await other.GivenWebhook());

        var all = (await service.Get("/v1/webhooks?page_size=1000")).Expect(200)["webhooks"]!.AsArray().Select(w => (string)w!["sid"]!).ToList();
        Assert.Contains(mine, all);
        Assert.Contains(theirs, all);
        Assert.Equal([mine], (await service.Get($"/v1/webhooks?company_sid={one.Company}")).Expect(200)["webhooks"]!.AsArray().Select(w => (string)w!["sid"]!));
        Assert.Equal([mine], (await one.Get($"/v1/webhooks?company_sid={one.Company}")).Expect(200)["webhooks"]!.AsArray().Select(w => (string)w!["sid"]!));
    }

    [Theory]
    [InlineData("sort=name.asc", "sort query.sort")]
    [InlineData("sort=url.up", "sort query.sort")]
    [InlineData("page_size=0", "page_size query.page_size")]
    [InlineData("page_size=1001", "page_size query.page_size")]
    [InlineData("page_token=abc", "page_token query.page_token")]
    [InlineData("company_sid=acme", "company_sid query.company_sid")]
    [InlineData("pagesize=1", "pagesize query.unknown")]
    public async Task A_parameter_that_breaks_its_rule_is_named(string query, string error)
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Get($"/v1/webhooks?{query}");
        answer.ExpectProblem(400, "query.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task A_token_is_good_for_its_sort_alone()
    {
        var customer = await Customer.Of(service);
        await customer.GivenWebhook();
        await customer.GivenWebhook();
        var token = (await customer.Get("/v1/webhooks?page_size=1&sort=url.asc")).Expect(200)["next_page_token"];
        Assert.Equal(["page_token query.page_token"], (await customer.Get($"/v1/webhooks?page_size=1&sort=label.asc&page_token={token}")).Errors);
    }

    [Theory]
    [InlineData("created_at.asc", "yesterday")]
    [InlineData("url.asc", "a\0b")]
    public async Task A_token_made_by_hand_is_refused(string sort, string key)
    {
        var customer = await Customer.Of(service);
        var token = new Api.Http.PageToken(sort, [key, await customer.GivenWebhook()]).Write();
        Assert.Equal(["page_token query.page_token"], (await customer.Get($"/v1/webhooks?sort={sort}&page_token={token}")).Errors);
    }
}
