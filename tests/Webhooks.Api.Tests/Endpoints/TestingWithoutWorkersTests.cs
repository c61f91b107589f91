using Npgsql;

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

    [Fact]
    public async Task A_test_event_that_may_be_saved_yet_is_said_to_be_unknown()
    {
        await using var service = new RunningService { Settings = { ["Webhooks:Role"] = "api", ["Webhooks:Delivery:AcceptSeconds"] = "1" } };
        await service.InitializeAsync();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        await using var blocker = await service.Database.DataSource.OpenConnectionAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand("lock table es.events in exclusive mode", blocker, transaction);
        await hold.ExecuteNonQueryAsync();

        var answer = await customer.Post($"/v1/webhooks/{sid}/~test");
        answer.ExpectProblem(503, "event.outcome_unknown");
        Assert.NotNull(answer.Header("Retry-After"));
    }
}
