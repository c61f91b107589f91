using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Payloads;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Messages;

public sealed class ChannelsAndShapesTests(Platform platform) : IClassFixture<Platform>
{
    private const string Payload = """{ "order":{"id":"A-1","total":1.50,"note":"\u00e9"}, "customer":{"email":"e@example.com"} }""";

    [Fact]
    public async Task An_event_goes_to_webhooks_that_want_its_type_channel_and_payload()
    {
        var tenant = await platform.GivenTenant();
        var (all, wanted) = (Tenant.NewPath(), Tenant.NewPath());
        await Given(tenant, all, "");
        await Given(tenant, wanted, ""","event_types":["order.*"],"channels":["eu"],"filter":{"order.total":{"$gt":1}}""");

        async Task<int> Matched(string body) => (int)(await tenant.Emit(body)).Expect(202)["event"]!["matched_webhooks"]!;
        Assert.Equal(2, await Matched($$"""{"type":"order.paid","channels":["eu","x"],"payload":{{Payload}} }"""));
        Assert.Equal(1, await Matched($$"""{"type":"order.paid","channels":["us"],"payload":{{Payload}} }"""));
        Assert.Equal(1, await Matched($$"""{"type":"order.paid","payload":{{Payload}} }"""));
        Assert.Equal(1, await Matched($$"""{"type":"user.paid","channels":["eu"],"payload":{{Payload}} }"""));
        Assert.Equal(1, await Matched("""{"type":"order.paid","channels":["eu"],"payload":{"order":{"total":1}} }"""));
    }

    [Fact]
    public async Task Channels_are_shown_and_are_part_of_what_an_idempotency_key_stands_for()
    {
        var tenant = await platform.GivenTenant();
        var first = (await tenant.Emit("""{"type":"a","id":"k","channels":["eu","us"],"payload":1}""")).Expect(202)["event"]!;
        Assert.Equal((string?)first["sid"], (string?)(await tenant.Emit("""{"type":"a","id":"k","channels":["us","eu"],"payload":1}""")).Expect(202)["event"]!["sid"]);
        (await tenant.Emit("""{"type":"a","id":"k","channels":["eu"],"payload":1}""")).ExpectProblem(409, "idempotency_key.taken");
        (await tenant.Emit("""{"type":"a","id":"k","payload":1}""")).ExpectProblem(409, "idempotency_key.taken");
        Assert.Equal("""["eu","us"]""", (await tenant.Get($"/v1/events/{(string?)first["sid"]}")).Expect(200)["event"]!["channels"]!.ToJsonString());

        var plain = await tenant.Accepted("a", "1");
        Assert.Null((await tenant.Get($"/v1/events/{(string?)plain["sid"]}")).Expect(200)["event"]!["channels"]);
    }

    [Theory]
    [InlineData("\"eu\"", "channels field.type")]
    [InlineData("""["a",1]""", "channels[1] field.type")]
    [InlineData("""["a",null]""", "channels[1] field.required")]
    [InlineData("""["a","a"]""", "channels[1] channel.duplicate")]
    [InlineData("""["a b"]""", "channels[0] channel.form")]
    [InlineData("""["a","b","c","d","e","f","g","h","i","j",{}]""", "channels channel.too_many")]
    public async Task Wrong_channels_are_named(string channels, string error)
    {
        var tenant = await platform.GivenTenant();
        var answer = await tenant.Emit($$"""{"type":"a","payload":1,"channels":{{channels}} }""");
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Theory]
    [InlineData("", Payload, "application/json")]
    [InlineData(""","shape":{"select":["order"],"redact":["order.id"],"envelope":{"type":"{{event_type}}","try":"{{attempt}}","sent":"{{sent_at}}","data":"{{payload}}"}}""", """{"type":"order.paid","try":1,"sent":"*","data":{"order":{"id":"[redacted]","total":1.50,"note":"\u00e9"}}}""", "application/json")]
    [InlineData(""","shape":{"drop":["order.note"],"body":"form"}""", "order%5Bid%5D=A-1&order%5Btotal%5D=1.50&customer%5Bemail%5D=e%40example.com", "application/x-www-form-urlencoded")]
    [InlineData(""","shape":{"drop":["customer"]},"signature_scheme":"streem" """, """{"sent_at":"*","event":{"event_type":"order.paid","payload":{"order":{"id":"A-1","total":1.5,"note":"é"}}}}""", "application/json")]
    public async Task The_audit_shows_the_body_as_the_receiver_got_it(string members, string expected, string contentType)
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        platform.Receiver.Answer(path, _ => new Reply(platform.Receiver.At(path).Count == 1 ? 500 : 200, []));
        var secret = await Given(tenant, path, members);
        var delivery = await tenant.Delivery(await tenant.Accepted("order.paid", Payload), "succeeded");

        var received = platform.Receiver.At(path);
        var attempts = delivery["attempts"]!.AsArray();
        Assert.Equal((2, 2), (received.Count, attempts.Count));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(Encoding.UTF8.GetString(received[i].Body), (string?)attempts[i]!["request_body"]);
            Assert.Equal(("utf-8", false), ((string?)attempts[i]!["request_body_encoding"], (bool)attempts[i]!["request_truncated"]!));
            Assert.Equal(contentType, received[i].Headers["Content-Type"]);
            Assert.Contains(attempts[i]!["request_headers"]!.AsArray(), h => (string?)h!["name"] == "Content-Type" && (string?)h["value"] == contentType);
        }

        AssertLike(expected, Encoding.UTF8.GetString(received[0].Body));
        if (received[0].Headers.TryGetValue("webhook-signature", out var signature))
        {
            byte[] signed = [.. Encoding.UTF8.GetBytes($"{received[0].Headers["webhook-id"]}.{received[0].Headers["webhook-timestamp"]}."), .. received[0].Body];
            Assert.Equal($"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed))}", signature);
        }
    }

    [Fact]
    public async Task A_long_body_is_shown_up_to_its_cap_and_a_GET_has_none()
    {
        var tenant = await platform.GivenTenant();
        await Given(tenant, Tenant.NewPath(), "");
        var delivery = await tenant.Delivery(await tenant.Accepted("a", $"\"x{new string('é', 40_000)}\""), "succeeded");
        var attempt = delivery["attempts"]![0]!;
        Assert.True((bool)attempt["request_truncated"]!);
        Assert.Equal($"\"x{new string('é', 32_767)}", (string?)attempt["request_body"]);

        var other = await platform.GivenTenant();
        await Given(other, Tenant.NewPath(), ""","shape":{"drop":["a"]}""", "GET");
        Assert.Null((await other.Delivery(await other.Accepted("a", "1"), "succeeded"))["attempts"]![0]!["request_body"]);
    }

    [Fact]
    public async Task A_shape_of_a_newer_version_sends_nothing_and_loses_nothing()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        var id = Sid.Parse<WebhookId>(await tenant.GivenWebhook(path, maxAttempts: 3));
        var store = platform.Service.Services.GetRequiredService<PostgresEventStore>();
        await using (var session = await store.OpenSession(default))
        {
            var stream = await session.FetchForWriting<Webhook, WebhookFact>(id.Value, Webhook.Unknown, Webhook.Evolve, default);
            var configuration = stream.State.Configuration! with { Shape = JsonText.Of("""{"transform":1}"""u8) };
            session.Append(id.Value, stream.Version, [new WebhookUpdated(configuration)], new FactMeta(stream.State.Company, null, Guid.NewGuid()));
            Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
        }

        var sid = await tenant.DeliverySid(await tenant.Accepted("a", "1"));
        await Eventually.Is(
            async () => (await tenant.Get($"/v1/deliveries/{sid}")).Expect(200)["delivery"]!["attempts"]!.AsArray() is [var first, ..] && (string?)first!["error_class"] == "internal" && first["request_body"] is null,
            "an attempt failed before anything was sent");
        Assert.Empty(platform.Receiver.At(path));
    }

    private static void AssertLike(string expected, string actual)
    {
        var parts = expected.Split('*');
        Assert.StartsWith(parts[0], actual, StringComparison.Ordinal);
        Assert.EndsWith(parts[^1], actual, StringComparison.Ordinal);
        Assert.True(parts.Length == 2 || expected == actual);
    }

    /// <returns>The secret of its first key.</returns>
    private async Task<string> Given(Tenant tenant, string path, string members, string method = "POST")
    {
        var created = (await platform.Service.Post(
            "/v1/webhooks", $$"""{"url":"{{platform.Receiver.Url(path)}}","method":"{{method}}","max_attempts":3,"retry_policy":{"kind":"fixed","interval_ms":50}{{members}} }""", tenant.Key)).Expect(201);
        return (string)created["signing_key"]!["shared_secret"]!;
    }
}
