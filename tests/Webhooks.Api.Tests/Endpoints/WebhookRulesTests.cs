using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>Each rule of the body, told by field and code; nothing is registered.</summary>
public sealed class WebhookRulesTests(RunningService service) : IClassFixture<RunningService>
{
    [Theory]
    [InlineData("ftp://example.com/", "url url.scheme")]
    [InlineData("not-a-url", "url url.scheme")]
    [InlineData("https://user:pass@example.com/", "url url.userinfo")]
    [InlineData("https://example.com/#x", "url url.fragment")]
    [InlineData("https://example.com/a b", "url url.characters")]
    [InlineData("http://10.0.0.1/", "url url.blocked")]
    [InlineData("http://[::1]/", "url url.blocked")]
    [InlineData("http://[::ffff:169.254.169.254]/", "url url.blocked")]
    [InlineData("http://169.254.169.254/latest", "url url.blocked")]
    [InlineData("http://0x7f.1/", "url url.host")]
    [InlineData("", "url field.length")]
    public async Task A_url_that_must_not_be_dialled_is_refused(string url, string error) => await Refused($$"""{"url":{{JsonValue.Create(url)!.ToJsonString()}}}""", error);

    [Theory]
    [InlineData("{}", "url field.required")]
    [InlineData("""{"url":null}""", "url field.required")]
    [InlineData("""{"url":7}""", "url field.type")]
    [InlineData("""{"url":"https://e.com/","timeout_ms":"5000"}""", "timeout_ms field.type")]
    [InlineData("""{"url":"https://e.com/","timeout_ms":99}""", "timeout_ms field.range")]
    [InlineData("""{"url":"https://e.com/","timeout_ms":60001}""", "timeout_ms field.range")]
    [InlineData("""{"url":"https://e.com/","max_attempts":0}""", "max_attempts field.range")]
    [InlineData("""{"url":"https://e.com/","max_attempts":51}""", "max_attempts field.range")]
    [InlineData("""{"url":"https://e.com/","max_attempts":1.5}""", "max_attempts field.type")]
    [InlineData("""{"url":"https://e.com/","method":"TRACE"}""", "method field.value")]
    [InlineData("""{"url":"https://e.com/","method":"post"}""", "method field.value")]
    [InlineData("""{"url":"https://e.com/","signature_scheme":"md5"}""", "signature_scheme field.value")]
    [InlineData("""{"url":"https://e.com/","event_types":"a"}""", "event_types field.type")]
    [InlineData("""{"url":"https://e.com/","event_types":["ok","not ok"]}""", "event_types[1] event_type.form")]
    [InlineData("""{"url":"https://e.com/","event_types":[""]}""", "event_types[0] field.length")]
    [InlineData("""{"url":"https://e.com/","event_types":["a","a"]}""", "event_types event_type.duplicate")]
    [InlineData("""{"url":"https://e.com/","url":"https://e.com/"}""", "url field.duplicate")]
    [InlineData("""{"url":"https://e.com/","lable":"x"}""", "lable field.unknown")]
    [InlineData("""{"url":"https://e.com/","status":"disabled"}""", "status field.unknown")]
    [InlineData("""{"url":"https://e.com/","company_sid":"acme"}""", "company_sid field.sid")]
    public async Task A_field_that_breaks_its_rule_is_named(string body, string error) => await Refused(body, error);

    [Theory]
    [InlineData("""{"name":"X A","value":"1"}""", "headers[0].name header.name")]
    [InlineData("""{"name":"Host","value":"1"}""", "headers[0].name header.reserved")]
    [InlineData("""{"name":"webhook-signature","value":"1"}""", "headers[0].name header.reserved")]
    [InlineData("""{"name":"Content-Length","value":"1"}""", "headers[0].name header.reserved")]
    [InlineData("""{"name":"X-A","value":"a\r\nX-B: 1"}""", "headers[0].value header.value")]
    [InlineData("""{"name":"X-A","value":"é"}""", "headers[0].value header.value")]
    [InlineData("""{"name":"X-A","value":"","include_in_request_signature":true}""", "headers[0].value header.signed_empty")]
    [InlineData("""{"name":"X-A","value":"a;b","include_in_request_signature":true}""", "headers[0].value header.signed_semicolon")]
    [InlineData("""{"name":"X-A","value":"1","include_in_request_signature":"yes"}""", "headers[0].include_in_request_signature field.type")]
    [InlineData("""{"name":"X-A"}""", "headers[0].value field.required")]
    [InlineData("""{"value":"1"}""", "headers[0].name field.required")]
    [InlineData("""{"name":"X-A","value":"1","sign":true}""", "headers[0].sign field.unknown")]
    [InlineData("""{"name":"X-A","value":"1"},{"name":"x-a","value":"2"}""", "headers[1].name header.duplicate")]
    [InlineData("""{"name":"X-A","value":"1"},7""", "headers[1] field.type")]
    [InlineData("""{"name":"Authorization","value":"[redacted]"}""", "headers[0].value header.redacted")]
    public async Task A_header_that_breaks_a_rule_is_named(string headers, string error) => await Refused($$"""{"url":"https://e.com/","headers":[{{headers}}]}""", error);

    [Theory]
    [InlineData("{}", "retry_policy.kind field.required")]
    [InlineData("""{"kind":"linear","interval_ms":5}""", "retry_policy.kind field.value")]
    [InlineData("""{"kind":"fixed"}""", "retry_policy.interval_ms field.required")]
    [InlineData("""{"kind":"fixed","interval_ms":0}""", "retry_policy.interval_ms field.range")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"factor":2}""", "retry_policy.factor field.unknown")]
    [InlineData("""{"kind":"schedule"}""", "retry_policy.delays_ms field.required")]
    [InlineData("""{"kind":"schedule","delays_ms":[]}""", "retry_policy.delays_ms retry_policy.schedule")]
    [InlineData("""{"kind":"schedule","delays_ms":[1,604800001]}""", "retry_policy.delays_ms[1] field.range")]
    [InlineData("""{"kind":"exponential","base_ms":10,"factor":11,"cap_ms":10}""", "retry_policy.factor field.range")]
    [InlineData("""{"kind":"exponential","base_ms":10,"factor":2,"cap_ms":9}""", "retry_policy.cap_ms field.range")]
    [InlineData("""{"kind":"exponential","base_ms":10,"factor":2,"cap_ms":10,"jitter":1.5}""", "retry_policy.jitter field.range")]
    [InlineData("\"fixed\"", "retry_policy field.type")]
    public async Task A_retry_policy_that_breaks_a_rule_is_named(string policy, string error) => await Refused($$"""{"url":"https://e.com/","retry_policy":{{policy}}}""", error);

    [Theory]
    [InlineData("""{"kind":"fixed","interval_ms":604800000}""")]
    [InlineData("""{"kind":"schedule","delays_ms":[1,2,3]}""")]
    [InlineData("""{"kind":"exponential","base_ms":10,"factor":2,"cap_ms":10,"jitter":0}""")]
    public async Task Every_kind_of_retry_policy_is_taken(string policy)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($"\"retry_policy\":{policy}");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(policy), (await customer.Webhook(sid))["retry_policy"]));
    }

    [Fact]
    public async Task Every_broken_rule_is_told_at_once() => await Refused(
        """{"url":"gopher://x","method":7,"timeout_ms":1,"headers":[{"name":"Host","value":"x"},{"name":"X-A"}],"event_types":["a b","c d"],"retry_policy":{"kind":"fixed"},"nonsense":1}""",
        "url url.scheme", "method field.type", "timeout_ms field.range", "headers[0].name header.reserved", "headers[1].value field.required",
        "event_types[0] event_type.form", "event_types[1] event_type.form", "retry_policy.interval_ms field.required", "nonsense field.unknown");

    [Fact]
    public async Task More_event_types_than_allowed_are_refused() =>
        await Refused($$"""{"url":"https://e.com/","event_types":[{{string.Join(",", Enumerable.Range(0, 201).Select(i => $"\"t{i}\""))}}]}""", "event_types field.items");

    [Fact]
    public async Task More_headers_than_allowed_are_refused() =>
        await Refused($$"""{"url":"https://e.com/","headers":[{{string.Join(",", Enumerable.Range(0, 51).Select(i => $$"""{"name":"X-{{i}}","value":""}"""))}}]}""", "headers field.items");

    [Fact]
    public async Task A_change_obeys_the_same_rules()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        var put = await customer.Put(sid, """{"url":"http://10.0.0.1/","nonsense":1}""");
        put.ExpectProblem(422, "request.invalid");
        Assert.Equal(["url url.blocked", "nonsense field.unknown"], put.Errors);
        var patch = await customer.Patch(sid, """{"url":"http://10.0.0.1/","nonsense":null}""");
        patch.ExpectProblem(422, "request.invalid");
        Assert.Equal(["url url.blocked", "nonsense field.unknown"], patch.Errors);
        Assert.Equal(2, (int)(await customer.Webhook(sid))["version"]!);
    }

    private async Task Refused(string body, params string[] errors)
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Create(body);
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal(errors.Order(StringComparer.Ordinal), answer.Errors.Order(StringComparer.Ordinal));
        Assert.Empty((await customer.Get("/v1/webhooks")).Expect(200)["webhooks"]!.AsArray());
    }
}
