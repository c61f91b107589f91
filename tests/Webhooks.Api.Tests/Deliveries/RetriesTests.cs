using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Deliveries;

/// <summary>What a delivery tells about its retries.</summary>
public sealed class RetriesTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task The_getstream_preset_gives_a_failing_receiver_three_attempts()
    {
        var delivery = await Exhausted("""{"kind":"preset","name":"getstream"}""", new Reply(503, []));
        Assert.Equal((3, "attempts"), ((int?)delivery["attempt_count"], (string?)delivery["exhausted_reason"]));
    }

    [Theory]
    [InlineData(404, "not_retried")]
    [InlineData(301, "not_retried")]
    public async Task A_status_that_will_not_change_is_not_tried_again_where_the_policy_tells_kinds_apart(int status, string reason)
    {
        var delivery = await Exhausted("""{"kind":"fixed","interval_ms":1,"attempts":{"status":5}}""", new Reply(status, []));
        Assert.Equal((1, reason), ((int?)delivery["attempt_count"], (string?)delivery["exhausted_reason"]));
    }

    [Fact]
    public async Task An_attempt_shows_that_it_spent_nothing_and_that_the_receiver_asked_to_wait()
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        platform.Receiver.Answer(path, _ => new Reply(429, []) { Headers = [("Retry-After", "7200")] });
        await tenant.GivenWebhook(path, maxAttempts: 1, retryAfterMs: 1);
        var e = await tenant.Accepted("a", "1");
        var delivery = await AfterOneAttempt(tenant, e);
        Assert.Equal(("pending", 1), ((string?)delivery["status"], (int?)delivery["attempt_count"]));
        var attempt = delivery["attempts"]![0]!;
        Assert.Equal((7_200_000, true), ((int?)attempt["retry_after_ms"], (bool?)attempt["spent_no_attempt"]));
        Assert.Equal((string?)delivery["next_attempt_at"], (string?)attempt["next_attempt_at"]);
        Assert.Null(delivery["exhausted_reason"]);
    }

    [Fact]
    public async Task An_ordinary_failure_says_nothing_of_this()
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        platform.Receiver.Answer(path, _ => new Reply(500, []));
        await tenant.GivenWebhook(path, maxAttempts: 2);
        var attempt = (await AfterOneAttempt(tenant, await tenant.Accepted("a", "1")))["attempts"]![0]!.AsObject();
        Assert.False(attempt.ContainsKey("retry_after_ms") || attempt.ContainsKey("spent_no_attempt"));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_disables_its_webhook_and_enabling_sends_what_is_parked()
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        platform.Receiver.Answer(path, _ => new Reply(410, []));
        var webhook = await tenant.GivenWebhook(path);
        var e = await tenant.Accepted("a", "1");
        await Eventually.Is(async () => (string?)(await tenant.Get($"/v1/webhooks/{webhook}")).Expect(200)["webhook"]!["disabled_reason"] == "gone", "the webhook is disabled");
        await tenant.Delivery(e, "parked");

        platform.Receiver.Answer(path, _ => new Reply(204, []));
        (await platform.Service.Post($"/v1/webhooks/{webhook}/~enable", null, tenant.Key)).Expect(200);
        Assert.Equal(2, (int?)(await tenant.Delivery(e, "succeeded"))["attempt_count"]);
    }

    [Fact]
    public async Task A_declined_message_can_still_be_sent_again_by_hand()
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        platform.Receiver.Answer(path, _ => new Reply(422, []) { Headers = [("webhook-delivery", "abort-message")] });
        await tenant.GivenWebhook(path, maxAttempts: 5, retryAfterMs: 1);
        var e = await tenant.Accepted("a", "1");
        var delivery = await tenant.Delivery(e, "exhausted");
        Assert.Equal((1, "aborted"), ((int?)delivery["attempt_count"], (string?)delivery["exhausted_reason"]));

        platform.Receiver.Answer(path, _ => new Reply(200, []));
        (await platform.Service.Post($"/v1/deliveries/{(string?)delivery["sid"]}/~retry", null, tenant.Key)).Expect(202);
        Assert.Null((await tenant.Delivery(e, "succeeded"))["exhausted_reason"]);
    }

    private async Task<JsonNode> Exhausted(string policy, Reply reply)
    {
        var (tenant, path) = (await platform.GivenTenant(), Tenant.NewPath());
        platform.Receiver.Answer(path, _ => reply);
        (await platform.Service.Post("/v1/webhooks", $$"""{"url":"{{platform.Receiver.Url(path)}}","retry_policy":{{policy}}}""", tenant.Key)).Expect(201);
        return await tenant.Delivery(await tenant.Accepted("a", "1"), "exhausted");
    }

    private static async Task<JsonNode> AfterOneAttempt(Tenant tenant, JsonNode e)
    {
        var sid = await tenant.DeliverySid(e);
        JsonNode? delivery = null;
        await Eventually.Is(
            async () =>
            {
                delivery = (await tenant.Get($"/v1/deliveries/{sid}")).Expect(200)["delivery"]!;
                return delivery["attempts"]!.AsArray().Count == 1;
            },
            "one attempt is recorded");
        return delivery!;
    }
}
