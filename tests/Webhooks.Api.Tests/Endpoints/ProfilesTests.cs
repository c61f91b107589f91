using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

public sealed class ProfilesTests(RunningService service) : IClassFixture<RunningService>
{
    [Theory]
    [InlineData("standard", "standard", "payload", "standard", 15_000, 10)]
    [InlineData("streem", "streem", "streem", "streem", 5_000, 5)]
    [InlineData("getstream", "getstream", "payload", "getstream", 6_000, 8)]
    [InlineData("aiozstream", "standard", "payload", "aiozstream", 15_000, 4)]
    [InlineData("svix", "svix", "payload", null, 15_000, 8)]
    [InlineData("stripe", "stripe", "payload", "standard", 15_000, 10)]
    [InlineData("github", "github", "payload", "standard", 10_000, 10)]
    [InlineData("shopify", "shopify", "payload", null, 5_000, 9)]
    [InlineData("hook0", "hook0", "payload", "standard", 15_000, 10)]
    public async Task A_profile_chooses_signature_body_and_retries_together(string profile, string scheme, string framing, string? preset, int timeoutMs, int maxAttempts)
    {
        var customer = await Customer.Of(service);
        var webhook = await customer.Webhook(await customer.GivenWebhook($"\"profile\":\"{profile}\""));
        Assert.Equal((profile, scheme, framing, preset, timeoutMs, maxAttempts), Shown(webhook));
    }

    [Fact]
    public async Task Whatever_is_said_beside_it_wins()
    {
        var customer = await Customer.Of(service);
        var webhook = await customer.Webhook(await customer.GivenWebhook(
            """
            "profile":"streem","signature_scheme":"standard","timeout_ms":700,"max_attempts":2,"body_framing":"payload","retry_policy":{"kind":"preset","name":"aiozstream"}
            """));
        Assert.Equal(("streem", "standard", "payload", "aiozstream", 700, 2), Shown(webhook));
    }

    [Fact]
    public async Task A_patch_of_the_profile_sets_anew_what_a_profile_chooses_and_nothing_else()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"profile\":\"getstream\",\"label\":\"Chat\",\"timeout_ms\":700");

        var streem = (await customer.Patch(sid, """{"profile":"streem","max_attempts":3}""")).Expect(200)["webhook"]!;
        Assert.Equal(("streem", "streem", "streem", "streem", 5_000, 3), Shown(streem));
        Assert.Equal("Chat", (string?)streem["label"]);
        var scheme = (await customer.Patch(sid, """{"signature_scheme":"standard"}""")).Expect(200)["webhook"]!;
        Assert.Equal(("streem", "standard", "streem", "streem", 5_000, 3), Shown(scheme));
        var none = (await customer.Patch(sid, """{"profile":null}""")).Expect(200)["webhook"]!;
        Assert.Equal((null, "standard", null, null, 15_000, 10), Shown(none));
    }

    private static (string?, string?, string?, string?, int, int) Shown(JsonNode webhook) =>
        ((string?)webhook["profile"], (string?)webhook["signature_scheme"], (string?)webhook["body_framing"], (string?)webhook["retry_policy"]?["name"], (int)webhook["timeout_ms"]!, (int)webhook["max_attempts"]!);
}
