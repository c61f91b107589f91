using Microsoft.Extensions.DependencyInjection;
using Webhooks.Api.Tests.Messages;
using Webhooks.Testing;

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
        var clock = new FakeClock();
        await using var service = new RunningService
        {
            Settings = { ["Webhooks:Role"] = "api", ["Webhooks:Delivery:AcceptSeconds"] = "1" },
            Configure = builder => builder.Services.AddSingleton<TimeProvider>(clock),
        };
        await service.InitializeAsync();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        await using var blocked = await BlockedLog.Of(service.Database);

        // Its time begins when it is handed to the writer, and ends while the writer is at it.
        var answering = customer.Post($"/v1/webhooks/{sid}/~test");
        await blocked.IsWaitedFor();
        await Eventually.Is(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return answering.IsCompleted;
            },
            "it is answered");

        var answer = await answering;
        answer.ExpectProblem(503, "event.outcome_unknown");
        Assert.NotNull(answer.Header("Retry-After"));
    }
}
