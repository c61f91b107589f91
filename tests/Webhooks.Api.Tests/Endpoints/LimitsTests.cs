using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Endpoints;

/// <summary>The field <c>limits</c> on its way in, out and through changes. What it does is seen where deliveries are made.</summary>
public sealed class LimitsTests(RunningService service) : IClassFixture<RunningService>
{
    private const string Both = """{"max_in_flight":10,"rate":{"count":100,"per":"second"}}""";

    [Theory]
    [InlineData(Both)]
    [InlineData("""{"max_in_flight":1}""")]
    [InlineData("""{"rate":{"count":600000,"per":"minute"}}""")]
    public async Task Limits_are_shown_as_they_were_given(string limits)
    {
        var customer = await Customer.Of(service);
        var webhook = await customer.Webhook(await customer.GivenWebhook($"\"limits\":{limits}"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(limits), webhook["limits"]), webhook.ToJsonString());
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"max_in_flight":null,"rate":null}""")]
    public async Task Limits_that_limit_nothing_are_none(string limits)
    {
        var customer = await Customer.Of(service);
        Assert.Null((await customer.Webhook(await customer.GivenWebhook($"\"limits\":{limits}")))["limits"]);
    }

    [Theory]
    [InlineData("""{"label":"New"}""", Both)]
    [InlineData("""{"limits":{"max_in_flight":5}}""", """{"max_in_flight":5,"rate":{"count":100,"per":"second"}}""")]
    [InlineData("""{"limits":{"rate":{"per":"minute"}}}""", """{"max_in_flight":10,"rate":{"count":100,"per":"minute"}}""")]
    [InlineData("""{"limits":{"rate":null}}""", """{"max_in_flight":10}""")]
    [InlineData("""{"limits":null}""", null)]
    public async Task A_patch_changes_what_it_names(string patch, string? expected)
    {
        var customer = await Customer.Of(service);
        var sid = await customer.GivenWebhook($"\"limits\":{Both}");
        var after = (await customer.Patch(sid, patch)).Expect(200)["webhook"]!;
        Assert.True(JsonNode.DeepEquals(expected is null ? null : JsonNode.Parse(expected), after["limits"]), after.ToJsonString());
    }

    [Theory]
    [InlineData("7", "limits field.type")]
    [InlineData("""{"max_in_flight":0}""", "limits.max_in_flight field.range")]
    [InlineData("""{"max_in_flight":1001}""", "limits.max_in_flight field.range")]
    [InlineData("""{"max_in_flight":"1"}""", "limits.max_in_flight field.type")]
    [InlineData("""{"max_inflight":1}""", "limits.max_inflight field.unknown")]
    [InlineData("""{"rate":{"count":0,"per":"second"}}""", "limits.rate.count field.range")]
    [InlineData("""{"rate":{"count":10001,"per":"second"}}""", "limits.rate.count field.range")]
    [InlineData("""{"rate":{"count":1,"per":"hour"}}""", "limits.rate.per field.value")]
    [InlineData("""{"rate":{"count":1}}""", "limits.rate.per field.required")]
    [InlineData("""{"rate":{"per":"second","count":1.5}}""", "limits.rate.count field.type")]
    public async Task A_limit_that_breaks_its_rule_is_named(string limits, string error)
    {
        var customer = await Customer.Of(service);
        var answer = await customer.Create($$"""{"url":"https://e.com/","limits":{{limits}}}""");
        answer.ExpectProblem(422, "request.invalid");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task The_examples_of_the_documentation_are_accepted()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Hosting.SettingsTableTests.RepositoryRoot(), "docs", "limits.md"), TestContext.Current.CancellationToken);
        var examples = page.Split("```json")[1..].Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)]).ToList();
        Assert.Equal(2, examples.Count);
        var customer = await Customer.Of(service);
        foreach (var example in examples)
        {
            (await customer.Create(example)).Expect(201);
        }
    }
}
