using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

public sealed class SelectionTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Selection = """
        "event_types":["order.*","*.created"],"channels":["eu","shop-7"],
        "filter":{"order.total":{"$gt":1.50},"customer":{"vip":null}},"shape":{"drop":["a\\.b"],"envelope":{"id":"{{event_sid}}","data":"{{payload}}"}}
        """;

    [Fact]
    public async Task What_was_chosen_is_shown_as_it_was_written()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Selection);

        var webhook = await customer.Webhook(sid);
        foreach (var (field, value) in JsonNode.Parse($"{{{Selection}}}")!.AsObject())
        {
            Assert.True(JsonNode.DeepEquals(value, webhook[field]), field);
        }

        Assert.Contains("\"$gt\":1.50", (await service.Get($"/v1/webhooks/{sid}", customer.Manager)).Text, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(webhook["filter"], (await customer.Get("/v1/webhooks")).Expect(200)["webhooks"]![0]!["filter"]));
        var plain = await customer.Webhook(await customer.GivenWebhook());
        Assert.Equal(("[]", false, false), (plain["channels"]!.ToJsonString(), plain.AsObject().ContainsKey("filter"), plain.AsObject().ContainsKey("shape")));
    }

    [Fact]
    public async Task A_patch_of_another_field_leaves_them_and_null_takes_them_away()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Selection);
        var before = await customer.Webhook(sid);

        var after = (await customer.Patch(sid, """{"label":"New"}""")).Expect(200)["webhook"]!;
        Assert.All(new[] { "event_types", "channels", "filter", "shape" }, f => Assert.True(JsonNode.DeepEquals(before[f], after[f]), f));

        var version = (int)after["version"]!;
        Assert.Equal(version, (int)(await customer.Patch(sid, """{"filter": {"order.total":{"$gt":1.50},"customer":{"vip":null}} }""")).Expect(200)["webhook"]!["version"]!);
        var replaced = (await customer.Patch(sid, """{"filter":{"customer":{"vip":true}},"shape":{"body":"form"}}""")).Expect(200)["webhook"]!;
        Assert.Equal("""{"customer":{"vip":true}}""", replaced["filter"]!.ToJsonString());
        Assert.Equal("""{"body":"form"}""", replaced["shape"]!.ToJsonString());

        var none = (await customer.Patch(sid, """{"channels":null,"filter":null,"shape":null}""")).Expect(200)["webhook"]!;
        Assert.Equal(("[]", null, null), (none["channels"]!.ToJsonString(), none["filter"]?.ToJsonString(), none["shape"]?.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"event_types":["user*"]}""", "event_types[0] event_type.pattern")]
    [InlineData("""{"channels":["a b"]}""", "channels[0] channel.form")]
    [InlineData("""{"filter":{"a":{"$gt":1,"$or":[{"b":2},{"c":{"$like":"x"}}]}}}""", "filter.a.$or[1].c.$like filter.operator")]
    [InlineData("""{"filter":"a = 1"}""", "filter filter.type")]
    [InlineData("""{"shape":{"drop":["a[0]"]}}""", "shape.drop[0] shape.path")]
    [InlineData("""{"shape":{"body":"form"},"signature_scheme":"streem"}""", "shape.body shape.form")]
    public async Task Mistakes_are_named_by_their_place(string members, string error)
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Create("""{"url":"https://hooks.example.com/",""" + members[1..]);
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Theory]
    [InlineData("""{"event":{"payload":1}}""", null)]
    [InlineData("""{"event_types":["order.*"],"event":{"type":"user.created","payload":1}}""", "event_types: user.created is none of order.*")]
    [InlineData("""{"channels":["eu"],"event":{"payload":1}}""", "channels: the event carries none")]
    [InlineData("""{"channels":["eu"],"event":{"payload":1,"channels":["us"]}}""", "channels: the event carries us, and none of these is wanted")]
    [InlineData("""{"filter":{"order.total":{"$gt":100}},"event":{"payload":{"order":{"total":99.50}}}}""", "filter: order.total is 99.50, not greater than 100")]
    [InlineData("""{"event_types":["order.*"],"channels":["eu"],"filter":{"order.total":{"$gt":100}},"event":{"type":"order.paid","channels":["eu"],"payload":{"order":{"total":100.01}}}}""", null)]
    public async Task A_filter_can_be_tried(string body, string? why)
    {
        var customer = await Customer.Of(service);
        var answer = (await customer.Post("/v1/webhooks/~test-filter", body)).Expect(200);
        Assert.Equal((why is null, why), ((bool)answer["matches"]!, (string?)answer["why"]));
    }

    [Theory]
    [InlineData("""{"filter":{"a":1}}""", "event field.required")]
    [InlineData("""{"filter":{"$x":1},"event":{"payload":1}}""", "filter.$x filter.operator")]
    [InlineData("""{"event_types":["a"],"event":{"payload":1}}""", "event.type field.required")]
    [InlineData("""{"event":{"type":"a"}}""", "event.payload field.required")]
    [InlineData("""{"event":{"payload":1,"channels":["a","a"]}}""", "event.channels[1] channel.duplicate")]
    public async Task A_try_is_judged_by_the_same_rules(string body, string error)
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Post("/v1/webhooks/~test-filter", body);
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal([error], answer.Errors);
    }
}
