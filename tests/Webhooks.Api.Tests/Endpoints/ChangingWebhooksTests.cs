using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

public sealed class ChangingWebhooksTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Rich = """
        "label":"Old","method":"PUT","timeout_ms":700,"max_attempts":3,"headers":[{"name":"Authorization","value":"Bearer t1"},{"name":"X-A","value":"1"}],
        "event_types":["a","b"],"retry_policy":{"kind":"fixed","interval_ms":1000}
        """;

    [Fact]
    public async Task A_replacement_puts_what_it_leaves_out_back_to_its_default()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Rich);
        var plain = (await customer.Webhook(await customer.GivenWebhook(url: "https://other.example.com/")))!;

        var replaced = (await customer.Put(sid, """{"url":"https://other.example.com/"}""")).Expect(200)["webhook"]!;
        foreach (var field in new[] { "label", "url", "method", "timeout_ms", "max_attempts", "headers", "event_types", "signature_scheme", "retry_policy", "status" })
        {
            Assert.True(JsonNode.DeepEquals(plain[field], replaced[field]), field);
        }

        Assert.Equal(3, (int)replaced["version"]!);
    }

    [Fact]
    public async Task What_was_read_can_be_changed_and_put_back()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Rich);
        var read = (await customer.Get($"/v1/webhooks/{sid}")).Expect(200)["webhook"]!;
        Assert.Equal((int)read["version"]!, (int)(await customer.Put(sid, read.ToJsonString())).Expect(200)["webhook"]!["version"]!);
        read["label"] = "Changed";
        Assert.Equal("Changed", (string?)(await customer.Put(sid, read.ToJsonString())).Expect(200)["webhook"]!["label"]);
        Assert.Equal(["status field.unknown"], (await customer.Patch(sid, """{"status":"disabled"}""")).Errors);
    }

    [Fact]
    public async Task A_replacement_needs_a_url()
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Put(await customer.GivenWebhook(), """{"label":"x"}""");
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal(["url field.required"], answer.Errors);
    }

    [Fact]
    public async Task A_patch_leaves_alone_what_it_does_not_name()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Rich);
        var before = await customer.Webhook(sid);

        var after = (await customer.Patch(sid, """{"label":"New","maxAttempts":4}""")).Expect(200)["webhook"]!;
        before["label"] = "New";
        before["max_attempts"] = 4;
        before["version"] = 3;
        before["updated_at"] = (string?)after["updated_at"];
        Assert.True(JsonNode.DeepEquals(before, after), after.ToJsonString());
        Assert.True(JsonNode.DeepEquals(after, await customer.Webhook(sid)));
    }

    [Fact]
    public async Task A_null_in_a_patch_puts_the_field_back_to_its_default()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Rich);
        var after = (await customer.Patch(sid, """{"label":null,"method":null,"timeout_ms":null,"headers":null,"event_types":null,"retry_policy":null}""")).Expect(200)["webhook"]!;
        Assert.Equal(("", "POST", 15_000), ((string?)after["label"], (string?)after["method"], (int)after["timeout_ms"]!));
        Assert.Empty(after["headers"]!.AsArray());
        Assert.Empty(after["event_types"]!.AsArray());
        Assert.Null(after["retry_policy"]);

        var answer = await customer.Patch(sid, """{"url":null}""");
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal(["url field.required"], answer.Errors);
    }

    [Theory]
    [InlineData("""{"interval_ms":5}""", """{"kind":"fixed","interval_ms":5}""")]
    [InlineData("""{"kind":"fixed"}""", """{"kind":"fixed","interval_ms":1000}""")]
    [InlineData("""{"kind":"schedule","delays_ms":[1,2]}""", """{"kind":"schedule","delays_ms":[1,2]}""")]
    public async Task A_patch_merges_into_a_retry_policy_of_the_same_kind_and_replaces_one_of_another(string patch, string expected)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Rich);
        var after = (await customer.Patch(sid, $$"""{"retry_policy":{{patch}}}""")).Expect(200)["webhook"]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), after["retry_policy"]), after.ToJsonString());
    }

    [Fact]
    public async Task A_patch_replaces_arrays_as_a_whole()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Rich);
        var after = (await customer.Patch(sid, """{"event_types":["c"],"headers":[{"name":"X-B","value":"2"}]}""")).Expect(200)["webhook"]!;
        Assert.Equal("""["c"]""", after["event_types"]!.ToJsonString());
        Assert.Equal("""[{"name":"X-B","value":"2","include_in_request_signature":false}]""", after["headers"]!.ToJsonString());
    }

    [Theory]
    [InlineData("[]", 400)]
    [InlineData("7", 400)]
    [InlineData("{", 400)]
    [InlineData("", 400)]
    public async Task What_is_no_patch_is_refused(string body, int status)
    {
        var customer = await Customer.Of(service);
        Assert.Equal(status, (await customer.Patch(await customer.GivenWebhook(), body)).Status);
    }

    [Fact]
    public async Task A_redacted_value_sent_back_keeps_the_secret()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Rich);

        var put = (await customer.Put(sid, """{"url":"https://e.com/","headers":[{"name":"AUTHORIZATION","value":"[redacted]","include_in_request_signature":true}]}""")).Expect(200)["webhook"]!;
        Assert.Equal("""[{"name":"AUTHORIZATION","value":"Bearer t1","include_in_request_signature":true}]""", put["headers"]!.ToJsonString());
        var patch = (await customer.Patch(sid, """{"headers":[{"name":"Authorization","value":"[redacted]"}]}""")).Expect(200)["webhook"]!;
        Assert.Equal("Bearer t1", (string?)patch["headers"]![0]!["value"]);

        var unknown = await customer.Patch(sid, """{"headers":[{"name":"X-Api-Key","value":"[redacted]"}]}""");
        unknown.ExpectProblem(422, "request.invalid");
        Assert.Equal(["headers[0].value header.redacted"], unknown.Errors);
    }

    [Fact]
    public async Task A_webhook_stays_with_its_company()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        (await customer.Patch(sid, $$"""{"company_sid":"{{customer.Company}}"}""")).Expect(200);
        var moved = await customer.Patch(sid, $$"""{"company_sid":"{{await service.GivenCompany()}}"}""");
        moved.ExpectProblem(422, "request.invalid");
        Assert.Equal(["company_sid webhook.company"], moved.Errors);
    }

    [Fact]
    public async Task A_change_that_changes_nothing_records_nothing()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook(Rich);
        (await customer.Patch(sid, "{}")).Expect(200);
        (await customer.Patch(sid, """{"label":"Old"}""")).Expect(200);
        var again = await customer.Put(sid, $$"""{"url":"{{Customer.Url}}",{{Rich}}}""");
        again.Expect(200);
        Assert.Equal("\"v2\"", again.Header("ETag"));
    }

    [Fact]
    public async Task Only_the_version_that_was_seen_is_changed()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        (await customer.Patch(sid, """{"label":"1"}""", ("If-Match", "\"v2\""))).Expect(200);

        (await customer.Patch(sid, """{"label":"2"}""", ("If-Match", "\"v2\""))).ExpectProblem(412, "version.stale");
        (await customer.Put(sid, """{"url":"https://e.com/"}""", ("If-Match", "\"v2\""))).ExpectProblem(412, "version.stale");
        (await customer.Post($"/v1/webhooks/{sid}/~disable", null, ("If-Match", "\"v2\""))).ExpectProblem(412, "version.stale");
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys", null, ("If-Match", "\"v2\""))).ExpectProblem(412, "version.stale");
        (await customer.Post($"/v1/webhooks/{sid}/signing-keys/~rotate", null, ("If-Match", "\"v2\""))).ExpectProblem(412, "version.stale");
        (await customer.Delete($"/v1/webhooks/{sid}", ("If-Match", "\"v2\""))).ExpectProblem(412, "version.stale");
        Assert.Equal(("1", 3), ((string?)(await customer.Webhook(sid))["label"], (int)(await customer.Webhook(sid))["version"]!));

        Assert.Equal(204, (await customer.Delete($"/v1/webhooks/{sid}", ("If-Match", "\"v3\""))).Status);
    }

    [Fact]
    public async Task What_was_seen_already_is_not_sent_again()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        var same = await service.Send(HttpMethod.Get, $"/v1/webhooks/{sid}", (string?)null, customer.Reader, ("If-None-Match", "\"v2\""));
        Assert.Equal((304, "\"v2\""), (same.Status, same.Header("ETag")));
    }

    [Fact]
    public async Task Patches_at_the_same_time_all_take_effect()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook();
        var answers = await Task.WhenAll(customer.Patch(sid, """{"label":"x"}"""), customer.Patch(sid, """{"timeout_ms":900}"""), customer.Patch(sid, """{"max_attempts":7}"""));
        Assert.All(answers, a => a.Expect(200));
        var after = await customer.Webhook(sid);
        Assert.Equal(("x", 900, 7, 5), ((string?)after["label"], (int)after["timeout_ms"]!, (int)after["max_attempts"]!, (int)after["version"]!));
    }
}
