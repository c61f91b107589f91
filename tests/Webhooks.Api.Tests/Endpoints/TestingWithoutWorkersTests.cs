namespace Webhooks.Api.Tests.Endpoints;

public sealed class TestingWithoutWorkersTests
{
    [Fact]
    public async Task A_test_event_that_nobody_delivers_in_time_is_pending()
    {
        await using var service = new RunningService { Settings = { ["Webhooks:Role"] = "api" } };
        await service.InitializeAsync();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"timeout_ms\":100");

        var test = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(202)["test"]!;
        Assert.Equal("pending", (string?)test["status"]);
        Assert.Null(test["succeeded"]);
        Assert.StartsWith("dlv_", (string?)test["delivery_sid"], StringComparison.Ordinal);
    }
}
