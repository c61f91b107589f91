using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Compatibility.GetStream;

/// <summary>The fields from before there were several hooks.</summary>
public sealed class LegacyFieldsTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task One_url_and_its_events_are_a_hook_and_read_back_as_both()
    {
        var client = await GetStreamClient.Of(platform);
        (await client.Patch("""{"webhook_url":"http://127.0.0.1:9/a","webhook_events":["message.new"]}""")).Expect(200);
        var app = await client.App();

        Assert.Equal(("http://127.0.0.1:9/a", "message.new"), ((string?)app["webhook_url"], (string?)app["webhook_events"]!.AsArray().Single()));
        Assert.Equal("http://127.0.0.1:9/a", (string?)app["event_hooks"]!.AsArray().Single()!["webhook_url"]);
        Assert.True((bool?)app["use_hook_v2"]);
    }

    [Fact]
    public async Task Another_url_changes_the_hook_and_an_empty_one_takes_it_away()
    {
        var client = await GetStreamClient.Of(platform);
        var first = await Hooks(client, """{"webhook_url":"http://127.0.0.1:9/a","webhook_events":["message.new"]}""");
        var second = await Hooks(client, """{"webhook_url":"http://127.0.0.1:9/b"}""");

        Assert.Equal((string?)first[0]!["id"], (string?)second.Single()!["id"]);
        Assert.Equal(("http://127.0.0.1:9/b", "message.new"), ((string?)second[0]!["webhook_url"], (string?)second[0]!["event_types"]![0]));
        Assert.Empty(await Hooks(client, """{"webhook_url":""}"""));
    }

    [Fact]
    public async Task Updates_of_a_moment_are_made_one_after_the_other()
    {
        var client = await GetStreamClient.Of(platform);
        var urls = Enumerable.Range(0, 10).Select(i => $"http://127.0.0.1:9/{i}").ToList();
        Assert.All(await Task.WhenAll(urls.Select(u => client.Patch($$"""{"webhook_url":"{{u}}"}"""))), r => r.Expect(200));

        Assert.Contains((string?)(await client.App())["event_hooks"]!.AsArray().Single()!["webhook_url"], urls);
    }

    [Fact]
    public async Task The_selection_of_events_applies_to_all_hooks()
    {
        var client = await GetStreamClient.Of(platform);
        await client.Hooks("""{"event_hooks":[{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/a"},{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/b"}]}""");

        Assert.All(await Hooks(client, """{"webhook_events":["message.new"]}"""), h => Assert.Equal("message.new", (string?)h!["event_types"]!.AsArray().Single()));
        Assert.All(await Hooks(client, """{"webhook_events":[]}"""), h => Assert.Empty(h!["event_types"]!.AsArray()));
    }

    /// <summary>As GetStream's clients for Python and Go do.</summary>
    [Fact]
    public async Task A_client_that_names_every_setting_as_null_changes_those_alone_that_it_gives()
    {
        const string Others = """
            "async_url_enrich_enabled":null,"grants":null,"push_config":null,"enable_hook_payload_compression":null,"webhook_events":null,
            "sqs_url":null,"sqs_key":null,"sqs_secret":null,"sns_topic_arn":null,"sns_key":null,"sns_secret":null
            """;
        var client = await GetStreamClient.Of(platform);
        await Hooks(client, """{"webhook_url":"http://127.0.0.1:9/a","webhook_events":["message.new"],"enable_hook_payload_compression":true}""");

        var hook = (await Hooks(client, $$"""{"event_hooks":null,"webhook_url":"http://127.0.0.1:9/b",{{Others}}}""")).Single()!;
        Assert.Equal(("http://127.0.0.1:9/b", "message.new"), ((string?)hook["webhook_url"], (string?)hook["event_types"]!.AsArray().Single()));
        Assert.True((bool?)(await client.App())["enable_hook_payload_compression"]);

        var change = $$"""{"id":"{{(string?)hook["id"]}}","hook_type":null,"enabled":false,"event_types":null,"webhook_url":null,"callback":null,"created_at":null}""";
        var changed = (await Hooks(client, $$"""{"event_hooks":[{{change}}],"webhook_url":null,{{Others}}}""")).Single()!;
        Assert.Equal((false, "http://127.0.0.1:9/b", "message.new"), ((bool?)changed["enabled"], (string?)changed["webhook_url"], (string?)changed["event_types"]!.AsArray().Single()));
    }

    [Fact]
    public async Task Compression_is_for_all_hooks_and_for_those_made_later()
    {
        var client = await GetStreamClient.Of(platform);
        await Hooks(client, """{"enable_hook_payload_compression":true}""");
        Assert.True((bool?)(await client.App())["enable_hook_payload_compression"]);
        await Hooks(client, """{"event_hooks":[{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/a"}]}""");
        var app = await client.App();
        Assert.True((bool?)app["enable_hook_payload_compression"]);
        Assert.Equal("gzip", (string?)(await client.Webhook(app["event_hooks"]![0]!))["transport"]!["compression"]);

        await Hooks(client, """{"event_hooks":[{"hook_type":"webhook","webhook_url":"http://127.0.0.1:9/b"}],"enable_hook_payload_compression":false}""");
        Assert.Null((await client.Webhook((await client.App())["event_hooks"]![0]!))["transport"]?["compression"]);
        Assert.False((bool?)(await client.App())["enable_hook_payload_compression"]);
    }

    [Theory]
    [InlineData("""{"webhook_events":["message.new"]}""", "webhook_events")]
    [InlineData("""{"sqs_key":"k","sqs_secret":"s"}""", "sqs_url")]
    [InlineData("""{"webhook_url":"ftp://example.com"}""", "webhook_url")]
    [InlineData("""{"webhook_url":"http://127.0.0.1:9/a","event_hooks":[]}""", "event_hooks")]
    [InlineData("""{"webhook_url":"http://127.0.0.1:9/a","webhook_events":["a b"]}""", "webhook_events[0]")]
    public async Task A_fault_is_named_by_the_field_that_the_client_sent(string json, string field)
    {
        var error = (await (await GetStreamClient.Of(platform)).Patch(json)).Expect(400);
        Assert.Equal(field, error["exception_fields"]!.AsObject().Single().Key);
    }

    private static async Task<JsonArray> Hooks(GetStreamClient client, string json) => await client.Hooks(json);
}
