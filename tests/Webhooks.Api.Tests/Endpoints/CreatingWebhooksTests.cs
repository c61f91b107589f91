using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

public sealed class CreatingWebhooksTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task A_webhook_is_registered_as_it_was_asked_for()
    {
        var customer = await Customer.Of(service);
        var created = await customer.Create($$"""
            {"company_sid":"{{customer.Company}}","label":"Media","url":"https://hooks.example.com/media?x=1","method":"PUT","timeout_ms":5000,"max_attempts":5,
             "headers":[{"name":"X-Tenant","value":"7","include_in_request_signature":true}],"event_types":["file.received","encoding.failed"],
             "signature_scheme":"streem","retry_policy":{"kind":"exponential","base_ms":1000,"factor":2.5,"cap_ms":60000,"jitter":0.1} }
            """);

        var webhook = created.Expect(201)["webhook"]!;
        var sid = webhook["sid"]!.GetValue<string>();
        Assert.Equal(($"/v1/webhooks/{sid}", "\"v2\""), (created.Header("Location"), created.Header("ETag")));
        var expected = JsonNode.Parse($$"""
            {"sid":"{{sid}}","company_sid":"{{customer.Company}}","label":"Media","url":"https://hooks.example.com/media?x=1","method":"PUT","timeout_ms":5000,"max_attempts":5,
             "headers":[{"name":"X-Tenant","value":"7","include_in_request_signature":true}],"event_types":["file.received","encoding.failed"],
             "signature_scheme":"streem","retry_policy":{"kind":"exponential","base_ms":1000,"factor":2.5,"cap_ms":60000,"jitter":0.1},"ordering":"none","on_exhausted":"skip","sequence_numbers":false,"status":"active","health":{"state":"healthy"},
             "created_at":"{{webhook["created_at"]}}","updated_at":"{{webhook["created_at"]}}","version":2,"channels":[]}
            """);
        Assert.True(JsonNode.DeepEquals(expected, webhook), webhook.ToJsonString());
        Assert.True(JsonNode.DeepEquals(webhook, await customer.Webhook(sid)));
    }

    [Fact]
    public async Task What_is_left_out_takes_its_default()
    {
        var customer = await Customer.Of(service);
        var created = (await customer.Create("""{"url":"https://hooks.example.com/"}""")).Expect(201);

        var webhook = created["webhook"]!;
        Assert.Equal(customer.Company, (string?)webhook["company_sid"]);
        Assert.Equal(("", "POST", "standard", "active"), ((string?)webhook["label"], (string?)webhook["method"], (string?)webhook["signature_scheme"], (string?)webhook["status"]));
        Assert.Equal((15_000, 10), ((int)webhook["timeout_ms"]!, (int)webhook["max_attempts"]!));
        Assert.Empty(webhook["headers"]!.AsArray());
        Assert.Empty(webhook["event_types"]!.AsArray());
        Assert.Null(webhook["retry_policy"]);
        Assert.Null(webhook["disabled_reason"]);
    }

    [Fact]
    public async Task A_signing_key_comes_with_it()
    {
        var customer = await Customer.Of(service);
        var created = (await customer.Create("""{"url":"https://hooks.example.com/"}""")).Expect(201);

        var key = created["signing_key"]!;
        Assert.StartsWith("sgk_", (string?)key["sid"], StringComparison.Ordinal);
        Assert.StartsWith("whsec_", (string?)key["shared_secret"], StringComparison.Ordinal);
        Assert.Equal((string?)created["webhook"]!["sid"], (string?)key["webhook_sid"]);
        var read = (await customer.Get($"/v1/webhooks/{key["webhook_sid"]}/signing-keys/{key["sid"]}")).Expect(200)["signing_key"]!;
        Assert.True(JsonNode.DeepEquals(key, read), read.ToJsonString());
    }

    [Fact]
    public async Task Field_names_are_understood_in_camel_case_too()
    {
        var customer = await Customer.Of(service);
        var webhook = (await customer.Create("""{"url":"https://hooks.example.com/","timeoutMs":700,"maxAttempts":2}""")).Expect(201)["webhook"]!;
        Assert.Equal((700, 2), ((int)webhook["timeout_ms"]!, (int)webhook["max_attempts"]!));
    }

    [Fact]
    public async Task An_admin_key_names_the_company()
    {
        var company = await service.GivenCompany();
        var refused = await service.Post("/v1/webhooks", """{"url":"https://hooks.example.com/"}""");
        refused.ExpectProblem(422, "request.invalid");
        Assert.Equal(["company_sid field.required"], refused.Errors);

        var created = (await service.Post("/v1/webhooks", $$"""{"company_sid":"{{company}}","url":"https://hooks.example.com/"}""")).Expect(201);
        Assert.Equal(company, (string?)created["webhook"]!["company_sid"]);
        (await service.Post("/v1/webhooks", """{"company_sid":"com_01h455vb4pex5vsknk084sn02q","url":"https://hooks.example.com/"}""")).ExpectProblem(404, "company.not_found");
    }

    [Fact]
    public async Task Registering_needs_the_scope_to_manage()
    {
        var customer = await Customer.Of(service);
        (await service.Post("/v1/webhooks", """{"url":"https://hooks.example.com/"}""", customer.Reader)).ExpectProblem(403, "auth.scope");
    }
}
