namespace Webhooks.Api.Tests.Messages;

public class EmitTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task An_event_is_accepted_with_its_sid_and_how_many_webhooks_matched()
    {
        var tenant = await platform.GivenTenant();
        await tenant.GivenWebhook(Tenant.NewPath());
        await tenant.GivenWebhook(Tenant.NewPath(), "\"order.paid\"");
        await tenant.GivenWebhook(Tenant.NewPath(), "\"order.lost\"");

        var answer = await tenant.Emit("""{"type":"order.paid","payload":{"order":4711}}""");

        var e = answer.Expect(202)["event"]!;
        Assert.Equal($"/v1/events/{(string?)e["sid"]}", answer.Header("Location"));
        Assert.StartsWith("evt_", (string?)e["sid"], StringComparison.Ordinal);
        Assert.Equal(tenant.Company, (string?)e["company_sid"]);
        Assert.Equal("order.paid", (string?)e["type"]);
        Assert.Equal(2, (int?)e["matched_webhooks"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string?)e["emitted_at"]);
        Assert.Null(answer.Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task An_admin_key_names_the_company()
    {
        var company = await platform.Service.GivenCompany();
        var accepted = await platform.Service.Post("/v1/events", $$"""{"companySid":"{{company}}","type":"a","payload":1}""");
        Assert.Equal(company, (string?)accepted.Expect(202)["event"]!["company_sid"]);

        var missing = await platform.Service.Post("/v1/events", """{"type":"a","payload":1}""");
        missing.ExpectProblem(422, "request.invalid");
        Assert.Equal(["company_sid field.required"], missing.Errors);

        (await platform.Service.Post("/v1/events", """{"company_sid":"com_01h455vb4pex5vsknk084sn02q","type":"a","payload":1}""")).ExpectProblem(404, "company.not_found");
    }

    [Fact]
    public async Task Another_companys_events_can_be_neither_emitted_nor_seen()
    {
        var (mine, theirs) = (await platform.GivenTenant(), await platform.GivenTenant());
        var e = await theirs.Accepted("a", "1");

        (await mine.Emit($$"""{"company_sid":"{{theirs.Company}}","type":"a","payload":1}""")).ExpectProblem(404, "company.not_found");
        (await mine.Get($"/v1/events/{(string?)e["sid"]}")).ExpectProblem(404, "event.not_found");
        Assert.Empty(await mine.Sids($"/v1/events?company_sid={theirs.Company}", "events"));
        Assert.Empty(await mine.Sids("/v1/events", "events"));
    }

    [Fact]
    public async Task Emitting_needs_the_scope()
    {
        var company = await platform.Service.GivenCompany();
        var reader = await platform.Service.GivenKey(company, "read", "manage");
        (await platform.Service.Post("/v1/events", """{"type":"a","payload":1}""", reader)).ExpectProblem(403, "auth.scope");
        var emitter = await platform.Service.GivenKey(company, "emit");
        (await platform.Service.Post("/v1/events", """{"type":"a","payload":1}""", emitter)).Expect(202);
        (await platform.Service.Get("/v1/events", emitter)).ExpectProblem(403, "auth.scope");
    }

    [Fact]
    public async Task A_payload_beyond_the_limit_is_refused_by_its_size()
    {
        var tenant = await platform.GivenTenant();
        var atLimit = $"\"{new string('a', Platform.MaxPayloadBytes - 2)}\"";
        (await tenant.Emit($$"""{"type":"a","payload":{{atLimit}}}""")).Expect(202);

        var beyond = await tenant.Emit($$"""{"type":"a","payload":{{atLimit[..^1]}}b"}""");
        Assert.Contains($"{Platform.MaxPayloadBytes} bytes", (string?)beyond.ExpectProblem(413, "payload.too_large")["detail"], StringComparison.Ordinal);

        (await tenant.Emit($$"""{"type":"a","payload":"{{new string('a', Platform.MaxPayloadBytes + 20_000)}}"}""")).ExpectProblem(413, "payload.too_large");
    }

    [Fact]
    public async Task A_body_of_another_type_is_refused()
    {
        var tenant = await platform.GivenTenant();
        using var text = new StringContent("""{"type":"a","payload":1}""", System.Text.Encoding.UTF8, "text/plain");
        (await platform.Service.Send(HttpMethod.Post, "/v1/events", text, tenant.Key)).ExpectProblem(415, "content_type.unsupported");
        (await platform.Service.Send(HttpMethod.Put, "/v1/events", "{}", tenant.Key)).ExpectProblem(405, "method.not_allowed");
    }
}
