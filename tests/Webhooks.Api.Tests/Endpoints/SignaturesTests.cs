using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

public sealed class SignaturesTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Custom = """{"scheme":"custom","custom":{"signature_header":"X-Acme-Signature","content":"{{timestamp}}.{{body}}","prefix":"t={{timestamp}},v1=","headers":[{"name":"X-Acme-Event","value":"{{event_type}}"}]}}""";

    [Fact]
    public async Task A_webhook_that_migrates_is_signed_in_every_way_that_it_names()
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var created = (await customer.Create($$"""{"url":"{{receiver.Url}}","signatures":[{"scheme":"standard"},{"scheme":"github"},{{Custom}}]}""")).Expect(201);
        var (sid, secret) = ((string)created["webhook"]!["sid"]!, (string)created["signing_key"]!["shared_secret"]!);
        Assert.Equal("standard", (string?)created["webhook"]!["signature_scheme"]);
        Assert.Equal(["standard", "github", "custom"], created["webhook"]!["signatures"]!.AsArray().Select(s => (string?)s!["scheme"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Custom), created["webhook"]!["signatures"]![2]), created.ToJsonString());

        Assert.True((bool)(await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!["succeeded"]!);

        var request = Assert.Single(receiver.Requests);
        Assert.StartsWith("v1,", request.Headers["webhook-signature"], StringComparison.Ordinal);
        Assert.Equal("sha256=" + Hmac(secret, request.Body), request.Headers["X-Hub-Signature-256"]);
        Assert.Equal("webhook.test", request.Headers["X-GitHub-Event"]);
        var time = request.Headers["webhook-timestamp"];
        Assert.Equal($"t={time},v1={Hmac(secret, $"{time}.{request.Body}")}", request.Headers["X-Acme-Signature"]);
        Assert.Equal("webhook.test", request.Headers["X-Acme-Event"]);
    }

    [Fact]
    public async Task What_was_signed_stands_in_the_audit()
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"signature_scheme\":\"getstream\",\"api_key\":\"app-7\"", receiver.Url);
        var test = (await customer.Post($"/v1/webhooks/{sid}/~test")).Expect(200)["test"]!;
        var received = Assert.Single(receiver.Requests).Headers;
        Assert.Equal(("1", "app-7"), (received["X-WEBHOOK-ATTEMPT"], received["X-API-KEY"]));
        Assert.Equal(received["webhook-id"], received["X-WEBHOOK-ID"]);

        var audit = (await customer.Get($"/v1/deliveries/{test["delivery_sid"]}")).Expect(200)["delivery"]!["attempts"]![0]!["request_headers"]!.AsArray();
        Assert.Contains(audit, h => (string?)h!["name"] == "X-SIGNATURE" && (string?)h["value"] == received["X-SIGNATURE"]);
    }

    [Theory]
    [InlineData("""{"signature_scheme":"custom"}""", "signature_scheme signature.custom")]
    [InlineData("""{"signature_scheme":"streem","signatures":[{"scheme":"standard"}]}""", "signature_scheme signature.first")]
    [InlineData("""{"signatures":[{"scheme":"stripe"},{"scheme":"stripe"}]}""", "signatures[1].scheme signature.duplicate")]
    [InlineData("""{"signatures":[{"scheme":"stripe","custom":{"signature_header":"X-A","content":"{{body}}"}}]}""", "signatures[0].custom signature.custom")]
    [InlineData("""{"signatures":[{"scheme":"custom","custom":{"signature_header":"X-A","content":"{{nonce}}"}}]}""", "signatures[0].custom.content signature.template")]
    [InlineData("""{"signatures":[{}]}""", "signatures[0].scheme field.required")]
    [InlineData("""{"signatures":[{"scheme":"md5"}]}""", "signatures[0].scheme field.value")]
    [InlineData("""{"signatures":[{"scheme":"custom","custom":{"content":"{{body}}","key":1}}]}""", "signatures[0].custom.signature_header field.required", "signatures[0].custom.key field.unknown")]
    [InlineData("""{"signature_scheme":"getstream","headers":[{"name":"x-api-key","value":"k"}]}""", "headers header.reserved")]
    [InlineData("""{"signature_scheme":"getstream","api_key":"two words"}""", "api_key signature.api_key")]
    [InlineData("""{"profile":"acme"}""", "profile field.value")]
    [InlineData("""{"profile":"streem","shape":{"body":"form"}}""", "shape.body shape.form")]
    public async Task Mistakes_are_named_by_their_place(string members, params string[] errors)
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Create("""{"url":"https://hooks.example.com/",""" + members[1..]);
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal(errors, answer.Errors);
    }

    [Fact]
    public async Task Naming_one_of_scheme_and_signatures_in_a_patch_replaces_the_other()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($$"""
            "signatures":[{"scheme":"standard"},{{Custom}}]
            """);

        var one = (await customer.Patch(sid, """{"signature_scheme":"svix"}""")).Expect(200)["webhook"]!;
        Assert.Equal(("svix", null), ((string?)one["signature_scheme"], one["signatures"]?.ToJsonString()));
        var several = (await customer.Patch(sid, """{"signatures":[{"scheme":"stripe"},{"scheme":"svix"}]}""")).Expect(200)["webhook"]!;
        Assert.Equal(("stripe", 2), ((string?)several["signature_scheme"], several["signatures"]!.AsArray().Count));
        var kept = (await customer.Patch(sid, """{"label":"x"}""")).Expect(200)["webhook"]!;
        Assert.Equal(several["signatures"]!.ToJsonString(), kept["signatures"]!.ToJsonString());
    }

    private static string Hmac(string secret, string content) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(content)));
}
