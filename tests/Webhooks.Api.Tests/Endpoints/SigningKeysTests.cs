using System.Globalization;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

public sealed class SigningKeysTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Streem = "\"signature_scheme\":\"streem\"";
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

    [Fact]
    public async Task A_key_is_added_with_the_secret_that_was_given()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Streem);
        var added = await customer.Post($"/v1/webhooks/{sid}/signing-keys", """{"shared_secret":"ClickToVideo Example Signing Key Secret","label":"Example"}""");

        var key = added.Expect(201)["signing_key"]!;
        Assert.Equal(("ClickToVideo Example Signing Key Secret", "Example", sid), ((string?)key["shared_secret"], (string?)key["label"], (string?)key["webhook_sid"]));
        Assert.Equal(($"/v1/webhooks/{sid}/signing-keys/{key["sid"]}", "\"v3\""), (added.Header("Location"), added.Header("ETag")));
        var read = (await customer.Get(added.Header("Location")!)).Expect(200)["signing_key"]!;
        Assert.True(JsonNode.DeepEquals(key, read), read.ToJsonString());
    }

    [Fact]
    public async Task A_key_without_a_body_gets_a_secret_made_here()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        var (first, second) = (await Add(customer, sid, null), await Add(customer, sid, "{}"));
        Assert.StartsWith("whsec_", (string?)first["shared_secret"], StringComparison.Ordinal);
        Assert.NotEqual((string?)first["shared_secret"], (string?)second["shared_secret"]);
    }

    [Theory]
    [InlineData("", """{"shared_secret":"no base64 at all"}""", "shared_secret signing_key.secret")]
    [InlineData("", """{"shared_secret":"whsec_c2hvcnQ="}""", "shared_secret signing_key.secret")]
    [InlineData(Streem, """{"shared_secret":"line\nbreak"}""", "shared_secret signing_key.secret")]
    [InlineData(Streem, """{"shared_secret":""}""", "shared_secret field.length")]
    [InlineData("", """{"shared_secret":7,"label":[]}""", "shared_secret field.type", "label field.type")]
    [InlineData("", """{"secret":"x"}""", "secret field.unknown")]
    public async Task A_secret_that_the_scheme_can_not_use_is_refused(string members, string body, params string[] errors)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(members);
        foreach (var path in new[] { "signing-keys", "signing-keys/~rotate" })
        {
            var answer = await customer.Post($"/v1/webhooks/{sid}/{path}", body);
            Assert.Equal(422, answer.Status);
            Assert.Equal(errors, answer.Errors);
            Assert.DoesNotContain("no base64 at all", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_same_secret_twice_is_refused()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        await Add(customer, sid, $$"""{"shared_secret":"{{Secret}}"}""");
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys", $$"""{"shared_secret":"{{Secret}}","label":"x"}""")).ExpectProblem(409, "signing_key.same_secret");
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys/~rotate", $$"""{"shared_secret":"{{Secret}}"}""")).ExpectProblem(409, "signing_key.same_secret");
    }

    [Fact]
    public async Task Rotating_gives_the_keys_before_an_end()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        var answer = (await customer.Post($"/v1/webhooks/{sid}/signing-keys/~rotate", """{"overlap_seconds":3600}""")).Expect(201);
        var rotated = answer["signing_key"]!;
        Assert.Equal("Default", (string?)rotated["label"]);

        var keys = await customer.All($"/v1/webhooks/{sid}/signing-keys", "signing_keys", 10);
        Assert.Equal([false, true], keys.Select(k => k["valid_until"] is null));
        Assert.Equal((string?)rotated["sid"], (string?)keys[1]["sid"]);
        Assert.Equal((string?)keys[0]["valid_until"], (string?)answer["cut_over_at"]);
        var overlap = Time(keys[0]["valid_until"]) - Time(rotated["created_at"]);
        Assert.InRange(overlap, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
    }

    [Fact]
    public async Task Rotating_overlaps_for_a_day_unless_told()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        var rotated = (await customer.Post($"/v1/webhooks/{sid}/signing-keys/~rotate", """{"label":"Next"}""")).Expect(201)["signing_key"]!;
        Assert.Equal("Next", (string?)rotated["label"]);
        var old = (await customer.All($"/v1/webhooks/{sid}/signing-keys", "signing_keys", 10))[0];
        Assert.InRange(Time(old["valid_until"]) - Time(rotated["created_at"]), TimeSpan.FromHours(23), TimeSpan.FromHours(25));

        var answer = await customer.Post($"/v1/webhooks/{sid}/signing-keys/~rotate", """{"overlap_seconds":604801}""");
        Assert.Equal(["overlap_seconds field.range"], answer.Errors);
    }

    [Fact]
    public async Task The_last_current_key_can_not_be_removed()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        var first = (string?)(await customer.Get($"/v1/webhooks/{sid}/signing-keys")).Expect(200)["signing_keys"]![0]!["sid"];
        (await customer.Delete($"/v1/webhooks/{sid}/signing-keys/{first}")).ExpectProblem(409, "webhook.last_signing_key");

        await Add(customer, sid, null);
        Assert.Equal(204, (await customer.Delete($"/v1/webhooks/{sid}/signing-keys/{first}")).Status);
        (await customer.Get($"/v1/webhooks/{sid}/signing-keys/{first}")).ExpectProblem(404, "signing_key.not_found");
        (await customer.Delete($"/v1/webhooks/{sid}/signing-keys/{first}")).ExpectProblem(404, "signing_key.not_found");
        (await customer.Delete($"/v1/webhooks/{sid}/signing-keys/nonsense")).ExpectProblem(404, "signing_key.not_found");
        Assert.Single((await customer.Get($"/v1/webhooks/{sid}/signing-keys")).Expect(200)["signing_keys"]!.AsArray());
    }

    [Fact]
    public async Task No_more_keys_than_a_request_may_carry_signatures()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        for (var i = 1; i < 10; i++)
        {
            await Add(customer, sid, null);
        }

        (await customer.Post($"/v1/webhooks/{sid}/signing-keys")).ExpectProblem(409, "webhook.too_many_signing_keys");
    }

    [Theory]
    [InlineData("label")]
    [InlineData("created_at")]
    public async Task Pages_hold_every_key_once_in_order_both_ways_ties_included(string field)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        foreach (var label in new[] { "b", "a", "b", "", "a", "c" })
        {
            await Add(customer, sid, $$"""{"label":"{{label}}"}""");
        }

        var ascending = await customer.All($"/v1/webhooks/{sid}/signing-keys?sort={field}.asc", "signing_keys", 2);
        var descending = await customer.All($"/v1/webhooks/{sid}/signing-keys?sort={field}.desc", "signing_keys", 3);
        Assert.Equal(7, ascending.Select(k => (string)k["sid"]!).Distinct().Count());
        Assert.Equal(ascending.Select(k => (string)k["sid"]!), descending.Select(k => (string)k["sid"]!).Reverse());
        var keys = ascending.Select(k => (string)k[field]!).ToList();
        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
    }

    [Fact]
    public async Task A_scheme_is_taken_only_when_a_key_can_sign_with_it()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Streem);
        var made = (string)(await customer.Get($"/v1/webhooks/{sid}/signing-keys")).Expect(200)["signing_keys"]![0]!["sid"]!;
        await Add(customer, sid, """{"shared_secret":"any text will do"}""");
        Assert.Equal(204, (await customer.Delete($"/v1/webhooks/{sid}/signing-keys/{made}")).Status);

        var refused = await customer.Patch(sid, """{"signature_scheme":"standard"}""");
        refused.ExpectProblem(422, "request.invalid");
        Assert.Equal(["signature_scheme signing_key.secret"], refused.Errors);
        Assert.DoesNotContain("any text will do", refused.Text, StringComparison.Ordinal);

        var key = await Add(customer, sid, """{"schemes":["standard"]}""");
        Assert.Equal("""["standard"]""", key["schemes"]!.ToJsonString());
        var both = (await customer.Patch(sid, """{"signatures":[{"scheme":"streem"},{"scheme":"standard"}]}""")).Expect(200);
        Assert.Equal(2, both["webhook"]!["signatures"]!.AsArray().Count);

        // Each of the two is the last that can sign for one of them.
        foreach (var last in (await customer.Get($"/v1/webhooks/{sid}/signing-keys")).Expect(200)["signing_keys"]!.AsArray())
        {
            (await customer.Delete($"/v1/webhooks/{sid}/signing-keys/{last!["sid"]}")).ExpectProblem(409, "webhook.last_signing_key");
        }
    }

    [Fact]
    public async Task A_webhook_may_bring_its_first_secret_along()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("""
            "signatures":[{"scheme":"github"},{"scheme":"standard"}],"signing_key":{"shared_secret":"what GitHub's receiver has","label":"theirs"}
            """);
        var keys = (await customer.Get($"/v1/webhooks/{sid}/signing-keys")).Expect(200)["signing_keys"]!.AsArray();
        Assert.Equal(["Default", "theirs"], keys.Select(k => (string)k!["label"]!).Order());
        var theirs = keys.Single(k => (string?)k!["label"] == "theirs")!;
        Assert.Equal("what GitHub's receiver has", (string?)(await customer.Get($"/v1/webhooks/{sid}/signing-keys/{theirs["sid"]}")).Expect(200)["signing_key"]!["shared_secret"]);

        var refused = await customer.Post("/v1/webhooks", $$"""{"url":"{{Customer.Url}}","signing_key":{"shared_secret":"no base64"} }""");
        Assert.Equal(["signing_key.shared_secret signing_key.secret"], refused.Errors);
    }

    [Theory]
    [InlineData("""{"shared_secret":"any text","schemes":["standard"]}""", "shared_secret signing_key.secret")]
    [InlineData("""{"schemes":["standard","standard_ed25519"]}""", "schemes signing_key.schemes")]
    [InlineData("""{"schemes":["nonsense"]}""", "schemes[0] field.value")]
    public async Task A_key_for_schemes_that_it_can_not_serve_is_refused(string key, string error)
    {
        var customer = await Customer.Of(service);
        Assert.Equal([error], (await customer.Post($"/v1/webhooks/{await customer.GivenWebhook(Streem)}/signing-keys", key)).Errors);
    }

    private static async Task<JsonNode> Add(Customer customer, string sid, string? json) =>
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys", json)).Expect(201)["signing_key"]!;

    private static DateTimeOffset Time(JsonNode? json) => DateTimeOffset.Parse(json!.GetValue<string>(), CultureInfo.InvariantCulture);
}
