namespace Webhooks.Api.Tests.Endpoints;

public sealed class WebhookHistoryTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task Every_change_is_told_in_order_with_its_actor()
    {
        var company = await service.GivenCompany();
        var (keySid, secret) = await service.GivenApiKey(company, "manage", "read");
        var customer = new Customer(service, company, RunningService.Basic(keySid, secret), "");
        var sid = await customer.GivenWebhook("\"max_attempts\":5");
        (await customer.Patch(sid, """{"max_attempts":6,"headers":[{"name":"X-A","value":"1"}]}""")).Expect(200);
        (await service.Post($"/v1/webhooks/{sid}/~disable", null)).Expect(200);
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys/~rotate")).Expect(201);
        Assert.Equal(204, (await customer.Delete($"/v1/webhooks/{sid}")).Status);

        var history = await customer.All($"/v1/webhooks/{sid}/history", "history", 2);
        Assert.Equal(
            ["webhook.created.v1", "webhook.signing_key_added.v1", "webhook.updated.v1", "webhook.disabled.v1", "webhook.signing_key_rotated.v1", "webhook.deleted.v1"],
            history.Select(h => (string)h["fact"]!));
        Assert.Equal([1, 2, 3, 4, 5, 6], history.Select(h => (int)h["version"]!));
        var changes = history[2]["changes"]!.AsArray();
        Assert.Equal(["max_attempts", "headers.X-A"], changes.Select(c => (string)c!["field"]!));
        Assert.Equal((5, 6), ((int)changes[0]!["old"]!, (int)changes[0]!["new"]!));
        Assert.Equal((keySid, "Test"), ((string?)history[2]["actor"]!["api_key_sid"], (string?)history[2]["actor"]!["label"]));
        Assert.NotNull(history[3]["actor"]!["api_key_sid"]);
        Assert.Null(history[3]["actor"]!["label"]);

        var asAdmin = (await service.Get($"/v1/webhooks/{sid}/history")).Expect(200)["history"]!;
        Assert.StartsWith("Bootstrap key", (string?)asAdmin[3]!["actor"]!["label"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_token_is_good_for_its_webhook_alone()
    {
        var customer = await Customer.Of(service);
        var (one, other) = (await customer.GivenWebhook(), await customer.GivenWebhook());
        var token = (await customer.Get($"/v1/webhooks/{one}/history?page_size=1")).Expect(200)["next_page_token"];
        Assert.Equal(["page_token query.page_token"], (await customer.Get($"/v1/webhooks/{other}/history?page_size=1&page_token={token}")).Errors);
        Assert.Equal(["sort query.sort"], (await customer.Get($"/v1/webhooks/{one}/history?sort=version.desc")).Errors);
    }
}
