using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>What a policy may say beside its delays, and by which names.</summary>
public sealed class RetryPolicyTests(RunningService service) : IClassFixture<RunningService>
{
    [Theory]
    [InlineData("""{"kind":"preset","name":"standard"}""")]
    [InlineData("""{"kind":"preset","name":"streem"}""")]
    [InlineData("""{"kind":"preset","name":"getstream"}""")]
    [InlineData("""{"kind":"preset","name":"aiozstream"}""")]
    [InlineData("""{"kind":"fixed","interval_ms":3000,"jitter":0.5,"max_attempts":50}""")]
    [InlineData("""{"kind":"schedule","delays_ms":[1,2],"jitter":1,"attempts":{"network":2}}""")]
    [InlineData("""{"kind":"exponential","base_ms":1,"factor":2,"cap_ms":9,"jitter":0,"attempts":{"status":3,"network":2,"timeout":3},"timeout_ms":6000,"total_deadline_ms":15000,"max_age_ms":31622400000}""")]
    public async Task A_policy_is_shown_as_it_was_given_and_outlives_changes_of_other_fields(string policy)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($"\"retry_policy\":{policy}");
        Assert.Equal(policy, (await customer.Webhook(sid))["retry_policy"]!.ToJsonString());
        Assert.Equal(policy, (await customer.Patch(sid, """{"label":"other"}""")).Expect(200)["webhook"]!["retry_policy"]!.ToJsonString());
        Assert.Null((await customer.Patch(sid, """{"retry_policy":null}""")).Expect(200)["webhook"]!["retry_policy"]);
    }

    [Theory]
    [InlineData("""{"kind":"preset"}""", "retry_policy.name field.required")]
    [InlineData("""{"kind":"preset","name":"stripe"}""", "retry_policy.name field.value")]
    [InlineData("""{"kind":"preset","name":"getstream","max_age_ms":1000}""", "retry_policy.max_age_ms field.unknown")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"jitter":2}""", "retry_policy.jitter field.range")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"max_attempts":0}""", "retry_policy.max_attempts field.range")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"attempts":3}""", "retry_policy.attempts field.type")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"attempts":{"status":0}}""", "retry_policy.attempts.status field.range")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"attempts":{"timeout":51}}""", "retry_policy.attempts.timeout field.range")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"attempts":{"dns":1}}""", "retry_policy.attempts.dns field.unknown")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"timeout_ms":99}""", "retry_policy.timeout_ms field.range")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"total_deadline_ms":99}""", "retry_policy.total_deadline_ms field.range")]
    [InlineData("""{"kind":"fixed","interval_ms":1,"max_age_ms":31622400001}""", "retry_policy.max_age_ms field.range")]
    public async Task A_limit_that_breaks_its_rule_is_named(string policy, string error)
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Create($$"""{"url":"https://e.com/","retry_policy":{{policy}}}""");
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Theory]
    [InlineData("""{"max_age_ms":1000}""", """{"kind":"fixed","interval_ms":9,"attempts":{"status":3,"timeout":4},"max_age_ms":1000}""")]
    [InlineData("""{"attempts":{"network":2,"timeout":null}}""", """{"kind":"fixed","interval_ms":9,"attempts":{"status":3,"network":2}}""")]
    [InlineData("""{"attempts":null}""", """{"kind":"fixed","interval_ms":9}""")]
    [InlineData("""{"kind":"preset","name":"streem"}""", """{"kind":"preset","name":"streem"}""")]
    public async Task Limits_are_patched_one_by_one(string patch, string expected)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"retry_policy\":{\"kind\":\"fixed\",\"interval_ms\":9,\"attempts\":{\"status\":3,\"timeout\":4}}");
        var after = (await customer.Patch(sid, $$"""{"retry_policy":{{patch}}}""")).Expect(200)["webhook"]!["retry_policy"];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), after), after!.ToJsonString());
    }

    [Fact]
    public async Task The_example_of_the_documentation_is_taken()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Webhooks.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Webhooks.sln stands in no folder above the tests.");
        }

        var example = (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "docs", "retries.md"))).Split("```json\n")[1].Split("```")[0];
        var customer = await Customer.Of(service);
        var webhook = (await customer.Create(example)).Expect(201)["webhook"]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(example)!["retry_policy"], webhook["retry_policy"]));
    }

    [Fact]
    public async Task The_history_shows_which_limit_changed()
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook("\"retry_policy\":{\"kind\":\"preset\",\"name\":\"standard\"}");
        await customer.Patch(sid, """{"retry_policy":{"name":"getstream"}}""");
        var change = (await customer.Get($"/v1/webhooks/{sid}/history")).Expect(200)["history"]!.AsArray().SelectMany(e => e!["changes"]!.AsArray()).Last()!;
        Assert.Equal(("retry_policy", """{"kind":"preset","name":"getstream"}"""), ((string?)change["field"], change["new"]!.ToJsonString()));
    }
}
