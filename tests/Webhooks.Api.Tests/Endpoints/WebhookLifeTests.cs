namespace Webhooks.Api.Tests.Endpoints;

public sealed class WebhookLifeTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task Disabling_and_enabling_show_in_the_status()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();

        var disabled = (await customer.Post($"/v1/webhooks/{sid}/~disable")).Expect(200)["webhook"]!;
        Assert.Equal(("disabled", "manual"), ((string?)disabled["status"], (string?)disabled["disabled_reason"]));
        var enabled = (await customer.Post($"/v1/webhooks/{sid}/~enable", "{}")).Expect(200)["webhook"]!;
        Assert.Equal(("active", null), ((string?)enabled["status"], (string?)enabled["disabled_reason"]));
        Assert.Equal(4, (int)enabled["version"]!);
    }

    [Fact]
    public async Task Disabling_twice_records_one_fact()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        (await customer.Post($"/v1/webhooks/{sid}/~enable")).Expect(200);
        (await customer.Post($"/v1/webhooks/{sid}/~disable")).Expect(200);
        var again = (await customer.Post($"/v1/webhooks/{sid}/~disable")).Expect(200)["webhook"]!;
        Assert.Equal(3, (int)again["version"]!);
    }

    [Fact]
    public async Task A_command_without_fields_takes_none()
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Post($"/v1/webhooks/{await customer.GivenWebhook()}/~disable", """{"reason":"failing"}""");
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal(["reason field.unknown"], answer.Errors);
    }

    [Fact]
    public async Task A_deleted_webhook_is_gone()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        Assert.Equal(204, (await customer.Delete($"/v1/webhooks/{sid}")).Status);
        Assert.Equal(204, (await customer.Delete($"/v1/webhooks/{sid}")).Status);

        (await customer.Get($"/v1/webhooks/{sid}")).ExpectProblem(404, "webhook.not_found");
        (await customer.Put(sid, """{"url":"https://e.com/"}""")).ExpectProblem(404, "webhook.not_found");
        (await customer.Patch(sid, "{}")).ExpectProblem(404, "webhook.not_found");
        (await customer.Post($"/v1/webhooks/{sid}/~enable")).ExpectProblem(404, "webhook.not_found");
        (await customer.Post($"/v1/webhooks/{sid}/~test")).ExpectProblem(404, "webhook.not_found");
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys")).ExpectProblem(404, "webhook.not_found");
        (await customer.Get($"/v1/webhooks/{sid}/signing-keys")).ExpectProblem(404, "webhook.not_found");
        Assert.Empty((await customer.Get("/v1/webhooks")).Expect(200)["webhooks"]!.AsArray());
    }

    [Fact]
    public async Task For_another_company_it_does_not_exist()
    {
        var owner = await Customer.Of(service);
        var stranger = await Customer.Of(service);
        var sid = await owner.GivenWebhook();
        var key = (await owner.Get($"/v1/webhooks/{sid}/signing-keys")).Expect(200)["signing_keys"]![0]!["sid"];

        (await stranger.Get($"/v1/webhooks/{sid}")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Put(sid, """{"url":"https://e.com/"}""")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Patch(sid, "{}", ("If-Match", "\"v9\""))).ExpectProblem(404, "webhook.not_found");
        (await stranger.Delete($"/v1/webhooks/{sid}")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Post($"/v1/webhooks/{sid}/~disable")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Post($"/v1/webhooks/{sid}/~enable")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Post($"/v1/webhooks/{sid}/~test")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Get($"/v1/webhooks/{sid}/~test")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Get($"/v1/webhooks/{sid}/history")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Get($"/v1/webhooks/{sid}/signing-keys")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Get($"/v1/webhooks/{sid}/signing-keys/{key}")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Post($"/v1/webhooks/{sid}/signing-keys")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Post($"/v1/webhooks/{sid}/signing-keys/~rotate")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Delete($"/v1/webhooks/{sid}/signing-keys/{key}")).ExpectProblem(404, "webhook.not_found");
        (await stranger.Get($"/v1/webhooks?company_sid={owner.Company}")).ExpectProblem(404, "company.not_found");
        (await stranger.Create($$"""{"company_sid":"{{owner.Company}}","url":"https://e.com/"}""")).ExpectProblem(404, "company.not_found");
        Assert.Equal(2, (int)(await owner.Webhook(sid))["version"]!);
    }

    [Theory]
    [InlineData("wh_01h455vb4pex5vsknk084sn02q")]
    [InlineData("com_01h455vb4pex5vsknk084sn02q")]
    [InlineData("nonsense")]
    public async Task What_is_no_webhook_is_not_found(string sid)
    {
        var customer = await Customer.Of(service);
        (await customer.Get($"/v1/webhooks/{sid}")).ExpectProblem(404, "webhook.not_found");
        (await customer.Delete($"/v1/webhooks/{sid}")).ExpectProblem(404, "webhook.not_found");
        (await customer.Get($"/v1/webhooks/{sid}/history")).ExpectProblem(404, "webhook.not_found");
    }

    [Fact]
    public async Task Writes_need_manage_and_reads_need_read()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        var emitter = await service.GivenKey(customer.Company, "emit");
        (await service.Get($"/v1/webhooks/{sid}", emitter)).ExpectProblem(403, "auth.scope");
        (await service.Get("/v1/webhooks", emitter)).ExpectProblem(403, "auth.scope");
        (await service.Get($"/v1/webhooks/{sid}/history", emitter)).ExpectProblem(403, "auth.scope");
        (await service.Get($"/v1/webhooks/{sid}/signing-keys", emitter)).ExpectProblem(403, "auth.scope");
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Put, ""), (HttpMethod.Patch, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/~enable"), (HttpMethod.Post, "/~disable"), (HttpMethod.Get, "/~test"),
            (HttpMethod.Post, "/~test"), (HttpMethod.Post, "/signing-keys"), (HttpMethod.Post, "/signing-keys/~rotate"), (HttpMethod.Delete, "/signing-keys/sgk_01h455vb4pex5vsknk084sn02q"),
        })
        {
            (await service.Send(method, $"/v1/webhooks/{sid}{path}", "{}", customer.Reader)).ExpectProblem(403, "auth.scope");
        }
    }
}
