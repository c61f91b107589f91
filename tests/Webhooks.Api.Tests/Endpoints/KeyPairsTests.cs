using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Tests.Endpoints;

public sealed class KeyPairsTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Whsk = "whsk_WWRx9GeHirmWbowwqvggoT3uTsiawEebWnoXOHFVL37xUyFxnuWu7StNUMstQFL2fIBkjJh4sIrnwRybFN8SRQ==";
    private const string Whpk = "whpk_8VMhcZ7lru0rTVDLLUBS9nyAZIyYeLCK58EcmxTfEkU=";

    [Fact]
    public async Task Receivers_verify_by_the_published_key_and_nobody_sees_the_private_one()
    {
        await using var receiver = await Receiver.Start();
        var customer = await Customer.Of(service);
        var created = (await customer.Create($$"""{"url":"{{receiver.Url}}","signature_scheme":"standard_ed25519"}""")).Expect(201);
        var key = created["signing_key"]!;
        Assert.Equal(("ed25519", null), ((string?)key["kind"], (string?)key["shared_secret"]));
        Assert.DoesNotContain("whsk_", (await customer.Get($"/v1/webhooks/{key["webhook_sid"]}/signing-keys/{key["sid"]}")).Expect(200).ToJsonString(), StringComparison.Ordinal);

        Assert.True((bool)(await customer.Post($"/v1/webhooks/{key["webhook_sid"]}/~test")).Expect(200)["test"]!["succeeded"]!);
        var published = Assert.Single(await PublicKeys((string)key["webhook_sid"]!));
        Assert.Equal(((string?)key["public_key"], (string?)key["sid"], "OKP", "Ed25519"), ((string?)published!["public_key"], (string?)published["kid"], (string?)published["kty"], (string?)published["crv"]));
        var request = Assert.Single(receiver.Requests);
        var signed = Encoding.UTF8.GetBytes($"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}.{request.Body}");
        var x = ((string)published["x"]!).Replace('-', '+').Replace('_', '/') + "=";
        Assert.True(Ed25519.Verify(Convert.FromBase64String(x), signed, Convert.FromBase64String(request.Headers["webhook-signature"]["v1a,".Length..])));
    }

    [Fact]
    public async Task A_pair_of_the_customers_own_comes_first_and_its_signature_then()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        const string Both = """{"signatures":[{"scheme":"standard"},{"scheme":"standard_ed25519"}]}""";
        (await customer.Patch(sid, Both)).ExpectProblem(422, "webhook.no_signing_key");

        var added = (await customer.Post($"/v1/webhooks/{sid}/signing-keys", $$"""{"shared_secret":"{{Whsk}}"}""")).Expect(201)["signing_key"]!;
        Assert.Equal(("ed25519", Whpk), ((string?)added["kind"], (string?)added["public_key"]));
        (await customer.Patch(sid, Both)).Expect(200);
        Assert.Equal(Whpk, (string?)Assert.Single(await PublicKeys(sid))!["public_key"]);

        (await customer.Delete($"/v1/webhooks/{sid}/signing-keys/{added["sid"]}")).ExpectProblem(409, "webhook.last_signing_key");
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys/~rotate", """{"kind":"ed25519"}""")).Expect(201);
        Assert.Equal([false, true], (await PublicKeys(sid)).Select(k => k!["valid_until"] is not null));
    }

    [Theory]
    [InlineData("""{"kind":"ed25519","shared_secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}""", "kind signing_key.kind")]
    [InlineData("""{"kind":"rsa"}""", "kind field.value")]
    [InlineData("""{"shared_secret":"whsk_8VMhcZ7lru0rTVDLLUBS9nyAZIyYeLCK58EcmxTfEkU="}""", "shared_secret signing_key.secret")]
    public async Task What_is_no_pair_is_refused(string body, string error)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        Assert.Equal([error], (await customer.Post($"/v1/webhooks/{sid}/signing-keys", body)).Errors);
    }

    [Fact]
    public async Task Both_kinds_come_with_a_webhook_that_signs_both_ways()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"signatures\":[{\"scheme\":\"standard\"},{\"scheme\":\"standard_ed25519\"}]");
        var keys = (await customer.Get($"/v1/webhooks/{sid}/signing-keys")).Expect(200)["signing_keys"]!.AsArray();
        Assert.Equal(["ed25519", "shared_secret"], keys.Select(k => (string?)k!["kind"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Public_keys_of_nothing_are_not_there()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        Assert.Empty(await PublicKeys(sid));
        Assert.Equal(204, (await customer.Delete($"/v1/webhooks/{sid}")).Status);
        foreach (var gone in new[] { sid, "nonsense", "wh_01h455vb4pex5vsknk084sn02q" })
        {
            (await Published(gone)).ExpectProblem(404, "webhook.not_found");
        }
    }

    private async Task<JsonArray> PublicKeys(string sid) => (await Published(sid)).Expect(200)["keys"]!.AsArray();

    /// <summary>As a receiver asks: without a key.</summary>
    private Task<Answer> Published(string sid) => service.Send(HttpMethod.Get, $"/v1/webhooks/{sid}/public-keys", (string?)null, null);
}
