using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Deliveries;

public class DeliveryTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task A_delivery_is_found_as_soon_as_its_event_was_answered()
    {
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        for (var i = 0; i < 100; i++)
        {
            var sid = await tenant.DeliverySid(await tenant.Accepted("a", "1"));
            (await tenant.Get($"/v1/deliveries/{sid}")).Expect(200);
        }
    }

    [Fact]
    public async Task Every_attempt_is_shown_with_what_was_sent_and_what_came_back()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        platform.Receiver.Answer(path, r => platform.Receiver.At(path).Count == 1 ? new Reply(503, "busy é"u8.ToArray()) : new Reply(200, [0xff, 0x00]));
        var webhook = await tenant.GivenWebhook(path, maxAttempts: 2, retryAfterMs: 50);
        var e = await tenant.Accepted("order.paid", "{\"n\":1}");

        var delivery = await tenant.Delivery(e, "succeeded");

        Assert.Equal(tenant.Company, (string?)delivery["company_sid"]);
        Assert.Equal(webhook, (string?)delivery["webhook_sid"]);
        Assert.Equal((string?)e["sid"], (string?)delivery["event_sid"]);
        Assert.Equal("order.paid", (string?)delivery["type"]);
        Assert.Equal(2, (int?)delivery["attempt_count"]);
        var attempts = delivery["attempts"]!.AsArray();
        Assert.Equal([1, 2], attempts.Select(a => (int)a!["number"]!));
        var (first, second) = (attempts[0]!, attempts[1]!);
        Assert.Equal(("failed", "status", 503), ((string?)first["outcome"], (string?)first["error_class"], (int?)first["status_code"]));
        Assert.Equal(("busy é", "utf-8"), ((string?)first["response_body"], (string?)first["response_body_encoding"]));
        Assert.NotNull((string?)first["next_attempt_at"]);
        Assert.True((double?)first["duration_ms"] > 0);
        Assert.Equal(("succeeded", 200), ((string?)second["outcome"], (int?)second["status_code"]));
        Assert.Equal((Convert.ToBase64String([0xff, 0x00]), "base64"), ((string?)second["response_body"], (string?)second["response_body_encoding"]));
        Assert.Equal(("POST", platform.Receiver.Url(path)), ((string?)second["request_method"], (string?)second["request_url"]));
        Assert.Equal("[redacted]", Header(second["request_headers"]!, "Authorization"));
        Assert.Equal("[redacted]", Header(second["response_headers"]!, "Set-Cookie"));

        var sent = platform.Receiver.At(path)[1];
        foreach (var name in new[] { "webhook-id", "webhook-signature", "webhook-attempt", "X-Shop" })
        {
            Assert.Equal(sent.Headers[name], Header(second["request_headers"]!, name));
        }

        Assert.Equal("Bearer hidden", sent.Headers["Authorization"]);
    }

    [Fact]
    public async Task An_exhausted_delivery_is_sent_again_when_asked()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        var status = 500;
        platform.Receiver.Answer(path, _ => new Reply(status, []));
        await tenant.GivenWebhook(path, maxAttempts: 1);
        var e = await tenant.Accepted("a", "1");
        var delivery = await tenant.Delivery(e, "exhausted");

        status = 204;
        var retried = await platform.Service.Post($"/v1/deliveries/{(string?)delivery["sid"]}/~retry", null, tenant.Key);
        Assert.Equal((string?)delivery["sid"], (string?)retried.Expect(202)["delivery"]!["sid"]);
        var after = await tenant.Delivery(e, "succeeded");
        Assert.Equal(2, (int?)after["attempt_count"]);
        Assert.Single(platform.Receiver.At(path).Select(r => r.Headers["webhook-id"]).Distinct());

        var readOnly = await platform.Service.GivenKey(tenant.Company, "read");
        (await platform.Service.Post($"/v1/deliveries/{(string?)delivery["sid"]}/~retry", null, readOnly)).ExpectProblem(403, "auth.scope");
    }

    [Fact]
    public async Task Deliveries_of_a_disabled_webhook_are_parked_until_it_is_enabled()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        var webhook = await tenant.GivenWebhook(path);
        (await platform.Service.Post($"/v1/webhooks/{webhook}/~disable", null, tenant.Key)).Expect(200);
        var e = await tenant.Accepted("a", "1");

        var parked = await tenant.Delivery(e, "parked");
        Assert.Empty(parked["attempts"]!.AsArray());
        Assert.Single(await tenant.Sids("/v1/deliveries?status=parked", "deliveries"));
        (await platform.Service.Post($"/v1/deliveries/{(string?)parked["sid"]}/~retry", null, tenant.Key)).ExpectProblem(409, "delivery.webhook_disabled");

        (await platform.Service.Post($"/v1/webhooks/{webhook}/~enable", null, tenant.Key)).Expect(200);
        await tenant.Delivery(e, "succeeded");
        Assert.Single(platform.Receiver.At(path));
    }

    [Fact]
    public async Task Deliveries_of_a_deleted_webhook_are_cancelled()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        platform.Receiver.Answer(path, _ => new Reply(500, []));
        var webhook = await tenant.GivenWebhook(path, maxAttempts: 5);
        var e = await tenant.Accepted("a", "1");
        await Eventually.Is(() => platform.Receiver.At(path).Count == 1, "the first attempt was made");
        Assert.InRange((await platform.Service.Delete($"/v1/webhooks/{webhook}", tenant.Key)).Status, 200, 204);

        var cancelled = await tenant.Delivery(e, "cancelled");
        Assert.Null((string?)cancelled["next_attempt_at"]);
        Assert.Single(await tenant.Sids("/v1/deliveries?status=cancelled", "deliveries"));
        (await platform.Service.Post($"/v1/deliveries/{(string?)cancelled["sid"]}/~retry", null, tenant.Key)).ExpectProblem(409, "delivery.webhook_deleted");
    }

    [Fact]
    public async Task An_attempt_that_fails_when_its_webhook_is_deleted_already_is_the_last()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        using var answers = new ManualResetEventSlim();
        platform.Receiver.Answer(path, _ =>
        {
            answers.Wait();
            return new Reply(500, []);
        });
        var webhook = await tenant.GivenWebhook(path, maxAttempts: 5, retryAfterMs: 3_600_000);
        var e = await tenant.Accepted("a", "1");
        try
        {
            await Eventually.Is(() => platform.Receiver.At(path).Count == 1, "the attempt is under way");
            Assert.Equal(204, (await platform.Service.Delete($"/v1/webhooks/{webhook}", tenant.Key)).Status);
            await Eventually.Is(IsSwept, "what waits was looked for");
        }
        finally
        {
            answers.Set();
        }

        var cancelled = await tenant.Delivery(e, "cancelled");
        Assert.Equal((1, null), ((int?)cancelled["attempt_count"], (string?)cancelled["next_attempt_at"]));
        Assert.Single(platform.Receiver.At(path));

        async Task<bool> IsSwept()
        {
            await using var command = platform.Service.Database.DataSource.CreateCommand("select not exists (select from delivery.sweeps)");
            return (bool)(await command.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task Another_companys_delivery_does_not_exist()
    {
        var (mine, theirs) = (await platform.GivenTenant(), await platform.GivenTenant());
        var webhook = await theirs.GivenWebhook(Tenant.NewPath());
        var e = await theirs.Accepted("a", "1");
        var sid = await theirs.DeliverySid(e);

        (await mine.Get($"/v1/deliveries/{sid}")).ExpectProblem(404, "delivery.not_found");
        (await platform.Service.Post($"/v1/deliveries/{sid}/~retry", null, mine.Key)).ExpectProblem(404, "delivery.not_found");
        foreach (var filter in new[] { $"company_sid={theirs.Company}", $"webhook_sid={webhook}", $"event_sid={(string?)e["sid"]}", "type=a" })
        {
            Assert.Empty(await mine.Sids($"/v1/deliveries?{filter}", "deliveries"));
        }

        Assert.Single(await theirs.Sids("/v1/deliveries", "deliveries"));
        (await mine.Get("/v1/deliveries/dlv_01h455vb4pex5vsknk084sn02t")).ExpectProblem(404, "delivery.not_found");
        (await mine.Get("/v1/deliveries/nonsense")).ExpectProblem(404, "delivery.not_found");
    }

    [Fact]
    public async Task Deliveries_are_found_by_every_filter()
    {
        var tenant = await platform.GivenTenant();
        var (good, bad) = (Tenant.NewPath(), Tenant.NewPath());
        platform.Receiver.Answer(bad, _ => new Reply(500, []));
        var goodHook = await tenant.GivenWebhook(good, "\"a\"");
        var badHook = await tenant.GivenWebhook(bad, "\"b\"");
        var (a, b) = (await tenant.Accepted("a", "1"), await tenant.Accepted("b", "1"));
        var (delivered, exhausted) = ((string)(await tenant.Delivery(a, "succeeded"))["sid"]!, (string)(await tenant.Delivery(b, "exhausted"))["sid"]!);

        Task<IReadOnlyList<string>> Found(string query) => tenant.Sids($"/v1/deliveries?{query}", "deliveries");
        Assert.Equal([delivered], await Found($"webhook_sid={goodHook}"));
        Assert.Equal([exhausted], await Found($"webhook_sid={badHook}&company_sid={tenant.Company}"));
        Assert.Equal([delivered], await Found($"event_sid={(string?)a["sid"]}"));
        Assert.Equal([exhausted], await Found("type=b"));
        Assert.Equal([delivered], await Found("status=succeeded"));
        Assert.Equal([exhausted], await Found("status=exhausted"));
        Assert.Empty(await Found("status=pending"));
        Assert.Equal(2, (await Found("since=2020-01-01T00:00:00Z&until=2999-01-01T00:00:00Z")).Count);
        Assert.Empty(await Found("until=2020-01-01T00:00:00Z"));
        Assert.Empty(await Found($"webhook_sid={goodHook}&status=exhausted"));
        (await tenant.Get("/v1/deliveries?status=lost")).ExpectProblem(400, "query.invalid");

        var shown = (await tenant.List($"/v1/deliveries?webhook_sid={badHook}"))["deliveries"]![0]!;
        Assert.Equal(("exhausted", 1, 500, "status"), ((string?)shown["status"], (int?)shown["attempt_count"], (int?)shown["last_status_code"], (string?)shown["last_error_class"]));
        Assert.Null(shown["attempts"]);
    }

    [Fact]
    public async Task Pages_of_deliveries_hold_each_once()
    {
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        for (var i = 0; i < 5; i++)
        {
            await tenant.Accepted("a", $"{i}");
        }

        var seen = new List<string>();
        var token = "";
        do
        {
            var page = await tenant.List($"/v1/deliveries?page_size=2&page_token={token}");
            seen.AddRange(page["deliveries"]!.AsArray().Select(d => (string)d!["sid"]!));
            token = (string)page["next_page_token"]!;
        }
        while (token.Length > 0);

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(seen.Order(StringComparer.Ordinal).Reverse(), seen);
    }

    [Fact]
    public async Task A_delivery_shows_its_newest_attempts_and_lists_all_of_them()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        platform.Receiver.Answer(path, r => new Reply(500, []));
        await tenant.GivenWebhook(path, maxAttempts: 26, retryAfterMs: 1);
        var e = await tenant.Accepted("a", "1");
        var sid = (string)(await tenant.Delivery(e, "exhausted"))["sid"]!;
        (await platform.Service.Post($"/v1/deliveries/{sid}/~retry", null, tenant.Key)).Expect(202);
        await Eventually.Is(() => platform.Receiver.At(path).Count == 52, "both series are over");
        var delivery = await tenant.Delivery(e, "exhausted");

        Assert.Equal((52, 500), ((int?)delivery["attempt_count"], (int?)delivery["last_status_code"]));
        Assert.Equal(Enumerable.Range(3, 50), Numbers(delivery));
        Assert.Equal(Enumerable.Range(1, 52), await AllPages("sort=number.asc&page_size=20"));
        Assert.Equal(Enumerable.Range(1, 52).Reverse(), await AllPages("sort=number.desc&page_size=26"));
        Assert.Equal(Enumerable.Range(1, 50), Numbers(await tenant.List($"/v1/deliveries/{sid}/attempts")));

        var token = (string)(await tenant.List($"/v1/deliveries/{sid}/attempts?page_size=1"))["next_page_token"]!;
        var other = await tenant.DeliverySid(await tenant.Accepted("a", "2"));
        (await tenant.Get($"/v1/deliveries/{other}/attempts?page_token={token}")).ExpectProblem(400, "query.invalid");
        (await tenant.Get($"/v1/deliveries/{sid}/attempts?page_size=0")).ExpectProblem(400, "query.invalid");
        (await (await platform.GivenTenant()).Get($"/v1/deliveries/{sid}/attempts")).ExpectProblem(404, "delivery.not_found");

        static IEnumerable<int> Numbers(JsonNode attempts) => attempts["attempts"]!.AsArray().Select(a => (int)a!["number"]!);

        async Task<IReadOnlyList<int>> AllPages(string query)
        {
            var (seen, next) = (new List<int>(), "");
            do
            {
                var page = await tenant.List($"/v1/deliveries/{sid}/attempts?{query}&page_token={next}");
                seen.AddRange(Numbers(page));
                next = (string)page["next_page_token"]!;
            }
            while (next.Length > 0);
            return seen;
        }
    }

    [Fact]
    public async Task A_delivery_that_has_not_changed_is_not_sent_again()
    {
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        var delivery = await tenant.Delivery(await tenant.Accepted("a", "1"), "succeeded");
        var path = $"/v1/deliveries/{(string?)delivery["sid"]}";
        var tag = (await tenant.Get(path)).Header("ETag")!;
        Assert.Equal(304, (await platform.Service.Send(HttpMethod.Get, path, (string?)null, tenant.Key, ("If-None-Match", tag))).Status);
    }

    private static string? Header(JsonNode headers, string name) =>
        (string?)headers.AsArray().FirstOrDefault(h => string.Equals((string?)h!["name"], name, StringComparison.OrdinalIgnoreCase))?["value"];
}
