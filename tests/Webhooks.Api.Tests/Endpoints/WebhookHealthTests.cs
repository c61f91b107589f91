using System.Text.Json.Nodes;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>What a customer sees of a webhook that fails and comes back.</summary>
public sealed class WebhookHealthTests : IAsyncLifetime
{
    private readonly RunningService _service = new()
    {
        Settings =
        {
            ["Webhooks:Delivery:PollMs"] = "50",
            ["Webhooks:Health:DegradedAfterFailures"] = "2",
            ["Webhooks:Health:PausedAfterFailures"] = "3",
            ["Webhooks:Health:PausedAfterSeconds"] = "0",
            ["Webhooks:Health:ProbeSeconds"] = "1",
        },
    };

    private Receiver _receiver = null!;
    private Customer _customer = null!;

    public async ValueTask InitializeAsync()
    {
        await _service.InitializeAsync();
        _receiver = await Receiver.Start();
        _customer = await Customer.Of(_service);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private Task<Answer> Emit(string type = "order.paid") =>
        _service.Post("/v1/events", $$"""{"company_sid":"{{_customer.Company}}","type":"{{type}}","payload":1}""");

    private async Task<JsonNode> Health(string sid) => (await _customer.Webhook(sid))["health"]!;

    private Task Becomes(string sid, string state) => Eventually.Is(async () => (string?)(await Health(sid))["state"] == state, $"the webhook is {state}");

    [Fact]
    public async Task A_webhook_that_fails_is_shown_as_paused_until_a_probe_succeeds()
    {
        var sid = await _customer.GivenWebhook("\"max_attempts\":1", _receiver.Url);
        var listener = await Receiver.Start();
        await using var _ = listener;
        await _customer.GivenWebhook("\"event_types\":[\"webhook.paused\"]", listener.Url);
        Assert.Equal("""{"state":"healthy"}""", (await Health(sid)).ToJsonString());

        _receiver.Status = 500;
        for (var i = 0; i < 3; i++)
        {
            (await Emit()).Expect(202);
        }

        await Becomes(sid, "paused");
        var health = await Health(sid);
        Assert.Equal(3, (int)health["consecutive_failures"]!);
        Assert.All(new[] { "since", "failing_since", "next_probe_at" }, name => Assert.EndsWith("Z", (string)health[name]!, StringComparison.Ordinal));
        Assert.Equal("active", (string?)(await _customer.Webhook(sid))["status"]);
        await Eventually.Is(() => listener.Requests.Count == 1, "the listener was told");
        Assert.Contains(sid, listener.Requests[0].Body, StringComparison.Ordinal);

        // A change of something else leaves it paused, and what waits is tried at once.
        (await _customer.Patch(sid, """{"label":"tried"}""")).Expect(200);
        Assert.Equal("paused", (string?)(await Health(sid))["state"]);
        _receiver.Status = 200;
        (await Emit()).Expect(202);
        await Becomes(sid, "healthy");
        Assert.Null((await Health(sid))["next_probe_at"]);

        var history = await _customer.All($"/v1/webhooks/{sid}/history", "history", 50);
        Assert.Equal(["webhook.degraded.v1", "webhook.paused.v1", "webhook.updated.v1", "webhook.recovered.v1"], history.Skip(2).Select(h => (string)h["fact"]!));
        Assert.Equal("""[{"field":"health","old":"degraded","new":"paused"}]""", history[3]["changes"]!.ToJsonString());
        Assert.Null(history[3]["actor"]);
    }

    [Fact]
    public async Task A_disabled_webhook_says_since_when_and_enabling_starts_afresh()
    {
        var sid = await _customer.GivenWebhook(url: _receiver.Url);
        (await _customer.Post($"/v1/webhooks/{sid}/~disable")).Expect(200);
        var health = await Health(sid);
        Assert.Equal("disabled", (string?)health["state"]);
        Assert.EndsWith("Z", (string)health["since"]!, StringComparison.Ordinal);
        (await _customer.Post($"/v1/webhooks/{sid}/~enable")).Expect(200);
        Assert.Equal("""{"state":"healthy"}""", (await Health(sid)).ToJsonString());
        Assert.Equal("""{"state":"healthy"}""", (await _customer.Get("/v1/webhooks")).Expect(200)["webhooks"]![0]!["health"]!.ToJsonString());
    }

    [Theory]
    [InlineData("webhook.paused")]
    [InlineData("webhook.anything")]
    public async Task The_services_own_types_can_be_subscribed_to_and_not_emitted(string type)
    {
        await _customer.GivenWebhook($"\"event_types\":[\"{type}\"]");
        Assert.Equal(["type event_type.reserved"], (await Emit(type)).Errors);
        (await Emit("webhooks.paused")).Expect(202);
    }
}
