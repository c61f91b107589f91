using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Operations.Metrics;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Messages;

/// <summary>What a webhook selects, what it makes of it and how it is sent, all at once.</summary>
public sealed class ShapedAndPackedTests(Platform platform) : IClassFixture<Platform>
{
    private const string Members = """
        "auth":{"kind":"bearer","token":"canary-secret-9"},"transport":{"compression":"gzip","traceparent":true},
        "channels":["eu"],"filter":{"total":{"$gt":1}},"shape":{"drop":["note"],"body":"form"}
        """;

    [Fact]
    public async Task A_shaped_body_is_signed_before_it_is_packed_and_shown_as_it_was_signed()
    {
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        var created = await Given(tenant, path, Members);
        var e = (await tenant.Emit("""{"type":"order.paid","channels":["eu"],"payload":{"total":2,"note":"x"} }""")).Expect(202)["event"]!;
        var attempt = (await tenant.Delivery(e, "succeeded"))["attempts"]![0]!;

        var received = Assert.Single(platform.Receiver.At(path));
        var body = Unpacked(received.Body);
        Assert.Equal(("total=2", "total=2"), (body, (string?)attempt["request_body"]));
        var key = Convert.FromBase64String(((string)created["signing_key"]!["shared_secret"]!)["whsec_".Length..]);
        var signed = Encoding.UTF8.GetBytes($"{received.Headers["webhook-id"]}.{received.Headers["webhook-timestamp"]}.{body}");
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)), received.Headers["webhook-signature"]);
        Assert.Equal("Bearer canary-secret-9", received.Headers["Authorization"]);

        string[] told = ["Host", "Content-Length"];
        Assert.Equal(
            received.Headers.Where(h => !told.Contains(h.Key)).Select(h => $"{h.Key}: {(h.Key == "Authorization" ? "[redacted]" : h.Value)}").Order(StringComparer.OrdinalIgnoreCase),
            attempt["request_headers"]!.AsArray().Select(h => $"{h!["name"]}: {h["value"]}").Order(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_patch_of_one_field_leaves_all_others_and_null_takes_them_away()
    {
        var tenant = await platform.GivenTenant();
        var before = (await Given(tenant, Tenant.NewPath(), Members))["webhook"]!;
        string[] fields = ["auth", "transport", "channels", "filter", "shape"];

        var labelled = await Patch("""{"label":"new"}""");
        Assert.All(fields, f => Assert.Equal(before[f]!.ToJsonString(), labelled[f]!.ToJsonString()));

        var bare = await Patch("""{"auth":null,"transport":null,"channels":null,"filter":null,"shape":null}""");
        Assert.Equal("[]", bare["channels"]!.ToJsonString());
        Assert.All(fields.Except(["channels"]), f => Assert.Null(bare[f]));

        async Task<JsonNode> Patch(string json) => (await platform.Service.Send(
            HttpMethod.Patch, $"/v1/webhooks/{(string?)before["sid"]}", new StringContent(json, Encoding.UTF8, "application/merge-patch+json"), tenant.Key)).Expect(200)["webhook"]!;
    }

    [Fact]
    public async Task An_attempt_that_got_no_token_is_counted_as_such()
    {
        var tenant = await platform.GivenTenant();
        var (path, tokens) = (Tenant.NewPath(), Tenant.NewPath());
        platform.Receiver.Answer(tokens, _ => new Reply(500, []));
        await Given(tenant, path, $$"""
            "max_attempts":1,"auth":{"kind":"oauth2_client_credentials","token_url":"{{platform.Receiver.Url(tokens)}}","client_id":"a","client_secret":"b"}
            """);
        await tenant.Delivery(await tenant.Accepted("a", "1"), "exhausted");

        Assert.Empty(platform.Receiver.At(path));
        // It is counted after the commit that the delivery shows.
        double? counted = null;
        await Eventually.Is(
            async () =>
            {
                var told = Exposition.Parse((await platform.Service.Send(HttpMethod.Get, "/metrics", (string?)null, null)).Text);
                return (counted = told.Find("webhooks_attempts_total{outcome=\"auth\",status_class=\"none\"}")) is not null;
            },
            "the attempt is counted");
        Assert.Equal(1, counted);
    }

    private async Task<JsonNode> Given(Tenant tenant, string path, string members) =>
        (await platform.Service.Post("/v1/webhooks", $$"""{"url":"{{platform.Receiver.Url(path)}}",{{members}} }""", tenant.Key)).Expect(201);

    private static string Unpacked(byte[] body)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(body), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }
}
