using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Webhooks.Api.Tests.Messages;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Compatibility.GetStream;

/// <summary>What a hook's receiver gets: judged as GetStream's own verifier does, one header that is the HMAC of the unpacked body.</summary>
public sealed class SignedDeliveriesTests(Platform platform) : IClassFixture<Platform>
{
    private const string Payload = """{"type":"message.new","text":"Köln <b>&\"x\"</b> / ☃","n":12345678901234567890}""";

    [Fact]
    public async Task A_delivery_is_signed_with_the_api_keys_secret_and_names_the_key()
    {
        var (client, path) = (await GetStreamClient.Of(platform), Tenant.NewPath());
        await client.Hooks(Hook(path));
        var e = (await client.Emit("message.new", Payload)).Expect(202)["event"]!;
        var received = await Received(path, 1);

        Assert.Equal(Payload, Encoding.UTF8.GetString(received.Body));
        Assert.Equal(Signature(client.Secret, received.Body), received.Headers["X-SIGNATURE"]);
        Assert.Equal((client.Key, (string?)e["sid"], "1"), (received.Headers["X-API-KEY"], received.Headers["X-WEBHOOK-ID"], received.Headers["X-WEBHOOK-ATTEMPT"]));
    }

    /// <summary>It opens what the API key opens, which keys that merely manage may not; also once another key has taken over.</summary>
    [Fact]
    public async Task The_api_keys_secret_is_not_shown_among_the_signing_keys()
    {
        var first = await GetStreamClient.Of(platform);
        var hook = (await first.Hooks(Hook(Tenant.NewPath()))).Single()!;
        await (await GetStreamClient.Of(platform, first.Company)).Hooks($$"""{"event_hooks":[{{hook.ToJsonString()}}]}""");
        var path = $"/v1/webhooks/{(string?)(await first.Webhook(hook))["sid"]}/signing-keys";

        var keys = (await platform.Service.Get(path)).Expect(200)["signing_keys"]!.AsArray();
        Assert.Equal(2, keys.Count);
        foreach (var key in keys)
        {
            Assert.Null((await platform.Service.Get($"{path}/{(string?)key!["sid"]}")).Expect(200)["signing_key"]!["shared_secret"]);
        }

        var own = (await platform.Service.Post($"{path}/~rotate", "{}")).Expect(201)["signing_key"]!;
        Assert.Equal((string?)own["shared_secret"], (string?)(await platform.Service.Get($"{path}/{(string?)own["sid"]}")).Expect(200)["signing_key"]!["shared_secret"]);
    }

    [Fact]
    public async Task A_retry_has_the_same_id_and_the_next_number()
    {
        var (client, path) = (await GetStreamClient.Of(platform), Tenant.NewPath());
        platform.Receiver.Answer(path, r => new Reply(r.Headers["X-WEBHOOK-ATTEMPT"] == "1" ? 503 : 200, []));
        await client.Hooks(Hook(path));
        (await client.Emit("message.new", Payload)).Expect(202);
        await Received(path, 2);

        var attempts = platform.Receiver.At(path);
        Assert.Equal(["1", "2"], attempts.Select(a => a.Headers["X-WEBHOOK-ATTEMPT"]));
        Assert.Single(attempts.Select(a => a.Headers["X-WEBHOOK-ID"]).Distinct());
    }

    [Fact]
    public async Task A_compressed_body_is_signed_as_it_was_before()
    {
        var (client, path) = (await GetStreamClient.Of(platform), Tenant.NewPath());
        await client.Hooks(Hook(path));
        await client.Hooks("""{"enable_hook_payload_compression":true}""");
        (await client.Emit("message.new", Payload)).Expect(202);
        var received = await Received(path, 1);

        Assert.Equal("gzip", received.Headers["Content-Encoding"]);
        Assert.Equal([0x1f, 0x8b], received.Body[..2]);
        await using var unpacked = new GZipStream(new MemoryStream(received.Body), CompressionMode.Decompress);
        using var body = new MemoryStream();
        await unpacked.CopyToAsync(body);
        Assert.Equal(Signature(client.Secret, body.ToArray()), received.Headers["X-SIGNATURE"]);
    }

    [Fact]
    public async Task Whoever_configures_a_hook_with_another_key_cuts_over_to_it_at_once()
    {
        var (client, path) = (await GetStreamClient.Of(platform), Tenant.NewPath());
        var hooks = await client.Hooks(Hook(path));
        var next = await GetStreamClient.Of(platform, client.Company);
        await next.Hooks($$"""{"event_hooks":{{hooks.ToJsonString()}} }""");
        (await client.Emit("message.new", Payload)).Expect(202);
        var received = await Received(path, 1);

        Assert.Equal((next.Key, Signature(next.Secret, received.Body)), (received.Headers["X-API-KEY"], received.Headers["X-SIGNATURE"]));
    }

    /// <summary>The secret signs the key's tokens: a text of the customer's own choice, signed with it, would be such a token.</summary>
    [Theory]
    [InlineData("""{"signatures":[{"scheme":"getstream"},{"scheme":"custom","custom":{"signature_header":"X-Token","content":"e30.{{body}}"}}]}""", "webhook.no_signing_key")]
    [InlineData("""{"method":"GET","url":"http://127.0.0.1:9/?e30.e30"}""", "signature.method")]
    [InlineData("""{"profile":"github"}""", "webhook.no_signing_key")]
    public async Task The_secret_of_an_API_key_signs_nothing_but_the_bodies_of_its_hooks(string change, string code)
    {
        var client = await GetStreamClient.Of(platform);
        var webhook = await client.Webhook((await client.Hooks(Hook(Tenant.NewPath()))).Single()!);
        var manager = await platform.Service.GivenKey(client.Company, "manage", "read");

        var refused = await platform.Service.Send(HttpMethod.Patch, $"/v1/webhooks/{webhook["sid"]}", change, manager);

        Assert.Equal((422, code), (refused.Status, refused.Errors.Single().Split(' ')[1]));
    }

    [Fact]
    public async Task Only_the_named_types_arrive_and_with_none_named_all_do()
    {
        var client = await GetStreamClient.Of(platform);
        var (some, all) = (Tenant.NewPath(), Tenant.NewPath());
        await client.Hooks($$"""
            {"event_hooks":[{"hook_type":"webhook","webhook_url":"{{platform.Receiver.Url(some)}}","event_types":["message.new"]},
             {"hook_type":"webhook","webhook_url":"{{platform.Receiver.Url(all)}}","event_types":[]}]}
            """);
        Assert.Equal(1, (int?)(await client.Emit("some.future_type", """{"type":"some.future_type"}""")).Expect(202)["event"]!["matched_webhooks"]);
        (await client.Emit("message.new", Payload)).Expect(202);

        await Received(all, 2);
        await Received(some, 1);
    }

    private string Hook(string path) => $$"""{"event_hooks":[{"hook_type":"webhook","webhook_url":"{{platform.Receiver.Url(path)}}"}]}""";

    private async Task<Received> Received(string path, int count)
    {
        await Eventually.Is(() => Task.FromResult(platform.Receiver.At(path).Count >= count), $"{count} requests have come");
        return platform.Receiver.At(path)[^1];
    }

    private static string Signature(string secret, byte[] body) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
}
