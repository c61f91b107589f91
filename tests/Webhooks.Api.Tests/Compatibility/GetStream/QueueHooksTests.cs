using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Webhooks.Api.Compatibility.GetStream;
using Webhooks.Api.Tests.Messages;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Compatibility.GetStream;

/// <summary>Hooks that are queues and topics. What is sent to Amazon itself is tested where destinations are.</summary>
public sealed class QueueHooksTests(Platform platform) : IClassFixture<Platform>
{
    private const string Sqs = """
        {"hook_type":"sqs","enabled":true,"sqs_queue_url":"https://sqs.eu-west-1.amazonaws.com/123456789012/events","sqs_auth_type":"keys","sqs_key":"AKIDEXAMPLE","sqs_secret":"hidden-1"}
        """;

    private const string Sns = """
        {"hook_type":"sns","enabled":true,"sns_topic_arn":"arn:aws:sns:us-east-1:123456789012:Events","sns_region":"us-east-1","sns_key":"AKIDEXAMPLE","sns_secret":"hidden-2",
         "sns_event_based_message_group_id_enabled":true,"event_types":["message.new"]}
        """;

    [Fact]
    public async Task Queues_and_topics_are_hooks_whose_secrets_are_never_shown()
    {
        var client = await GetStreamClient.Of(platform);
        var hooks = await client.Hooks($$"""{"event_hooks":[{{Sqs}},{{Sns}}]}""");

        Assert.Equal(
            ("sqs", "https://sqs.eu-west-1.amazonaws.com/123456789012/events", "eu-west-1", "keys", "AKIDEXAMPLE"),
            (Text(hooks[0], "hook_type"), Text(hooks[0], "sqs_queue_url"), Text(hooks[0], "sqs_region"), Text(hooks[0], "sqs_auth_type"), Text(hooks[0], "sqs_key")));
        Assert.Equal(("sns", "arn:aws:sns:us-east-1:123456789012:Events", true), (Text(hooks[1], "hook_type"), Text(hooks[1], "sns_topic_arn"), (bool?)hooks[1]!["sns_event_based_message_group_id_enabled"]));
        Assert.DoesNotContain("hidden", (await client.Get()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hook_sent_back_without_its_secret_keeps_it()
    {
        var client = await GetStreamClient.Of(platform);
        var hooks = await client.Hooks($$"""{"event_hooks":[{{Sqs}},{{Sns}}]}""");
        Assert.Equal(hooks.ToJsonString(), (await client.Hooks($$"""{"event_hooks":{{hooks.ToJsonString()}} }""")).ToJsonString());

        hooks[0]!["sqs_queue_url"] = "https://sqs.us-east-2.amazonaws.com/123456789012/other";
        hooks[0]!["sqs_region"] = "us-east-2";
        Assert.Equal("us-east-2", Text((await client.Hooks($$"""{"event_hooks":{{hooks.ToJsonString()}} }"""))[0], "sqs_region"));
    }

    [Fact]
    public async Task Messages_are_base64_as_the_clients_unpack_them_and_signed_like_requests()
    {
        var (client, path) = (await GetStreamClient.Of(platform), $"/{Guid.NewGuid():N}");
        platform.Receiver.Answer("/", _ => new Reply(200, """{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"}"""u8.ToArray()));
        await client.Hooks($$"""
            {"event_hooks":[{"hook_type":"sqs","sqs_queue_url":"{{platform.Receiver.Url(path)}}","sqs_region":"eu-west-1","sqs_key":"AKIDEXAMPLE","sqs_secret":"hidden"}]}
            """);
        (await client.Emit("message.new", """{"type":"message.new","text":"ü"}""")).Expect(202);
        JsonNode? sent = null;
        await Eventually.Is(() => (sent = Sent(platform).FirstOrDefault(m => Text(m, "QueueUrl")!.EndsWith(path, StringComparison.Ordinal))) is not null, "the queue was written to");

        Assert.Equal("""{"type":"message.new","text":"ü"}""", Encoding.UTF8.GetString(Convert.FromBase64String(Text(sent, "MessageBody")!)));
        var attributes = sent!["MessageAttributes"]!.AsObject().ToDictionary(a => a.Key, a => (string?)a.Value!["StringValue"], StringComparer.OrdinalIgnoreCase);
        Assert.Equal(64, attributes["x-signature"]!.Length);
        Assert.Equal(client.Key, attributes["x-api-key"]);
    }

    [Fact]
    public async Task A_check_sends_one_message_and_says_how_that_went()
    {
        // A check is over within two seconds, which are long by this clock alone.
        await using var own = new Platform { Service = { Configure = builder => builder.Services.AddSingleton<TimeProvider>(new FakeClock()) } };
        await own.InitializeAsync();
        var (client, path) = (await GetStreamClient.Of(own), $"/{Guid.NewGuid():N}");
        own.Receiver.Answer("/", _ => new Reply(200, """{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"}"""u8.ToArray()));
        await client.Hooks($$"""
            {"event_hooks":[{"hook_type":"sqs","sqs_queue_url":"{{own.Receiver.Url(path)}}","sqs_region":"eu-west-1","sqs_key":"AKIDEXAMPLE","sqs_secret":"hidden"}]}
            """);

        Assert.Equal("ok", Text((await client.Post("/check_sqs", "{}")).Expect(200), "status"));
        Assert.Contains(Sent(own), m => Text(m, "QueueUrl")!.EndsWith(path, StringComparison.Ordinal));
        var wrong = (await client.Post("/api/v2/check_sqs", """{"sqs_key":"k","sqs_secret":"s","sqs_url":"ftp://queue.example/bar"}""")).Expect(200);
        Assert.Equal("error", Text(wrong, "status"));
        Assert.Contains("sqs_url", Text(wrong, "error"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_is_over_before_its_clients_give_up_after_3_seconds() => Assert.True(CheckQueue.Timeout < TimeSpan.FromSeconds(2.5));

    [Theory]
    [InlineData("/check_sqs", "{}", "sqs_url")]
    [InlineData("/check_sqs", """{"sqs_key":"k","sqs_secret":"s","sqs_url":"orders"}""", "sqs_url: Must be an absolute URL")]
    [InlineData("/check_sns", """{"sns_key":"k","sns_secret":"s","sns_topic_arn":"arn:aws:sns:nowhere"}""", "sns_topic_arn: Must be of the form arn:aws:sns:")]
    [InlineData("/check_sns", """{"sns_topic_arn":"arn:aws:sns:us-east-1:123456789012:Events"}""", "sns_key")]
    public async Task A_check_of_nothing_that_could_be_one_is_an_error_by_its_status_alone(string path, string json, string field)
    {
        var answer = (await (await GetStreamClient.Of(platform)).Post(path, json)).Expect(200);
        Assert.Equal("error", Text(answer, "status"));
        Assert.Contains(field, Text(answer, "error"), StringComparison.Ordinal);
        Assert.EndsWith("ms", Text(answer, "duration"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"hook_type":"sqs","sqs_queue_url":"https://sqs.eu-west-1.amazonaws.com/1/q"}""", "sqs_key")]
    [InlineData("""{"hook_type":"sqs","sqs_queue_url":"https://queue.example.com/q","sqs_key":"k","sqs_secret":"s"}""", "sqs_region")]
    [InlineData("""{"hook_type":"sqs","sqs_key":"k","sqs_secret":"s"}""", "sqs_queue_url")]
    [InlineData("""{"hook_type":"sns","sns_topic_arn":"arn:aws:sns:x","sns_region":"eu-west-1","sns_key":"k","sns_secret":"s"}""", "sns_topic_arn")]
    public async Task A_fault_of_a_queue_is_named_by_the_clients_own_field(string hook, string field)
    {
        var error = (await (await GetStreamClient.Of(platform)).Patch($$"""{"event_hooks":[{{hook}}]}""")).Expect(400);
        Assert.Contains($"event_hooks[0].{field}", error["exception_fields"]!.AsObject().Select(f => f.Key));
    }

    [Fact]
    public async Task The_older_fields_of_a_queue_and_a_topic_are_hooks_too()
    {
        var client = await GetStreamClient.Of(platform);
        await client.Hooks("""
            {"sqs_url":"https://sqs.eu-west-1.amazonaws.com/123456789012/events","sqs_key":"A1","sqs_secret":"hidden",
             "sns_topic_arn":"arn:aws:sns:us-east-1:123456789012:Events","sns_key":"A2","sns_secret":"hidden"}
            """);
        await client.Hooks("""{"sqs_key":"A3","sqs_secret":"other"}""");
        var app = await client.App();

        Assert.Equal(("A3", "A2", "arn:aws:sns:us-east-1:123456789012:Events"), (Text(app, "sqs_key"), Text(app, "sns_key"), Text(app, "sns_topic_arn")));
        Assert.Equal(["sns", "sqs"], app["event_hooks"]!.AsArray().Select(h => Text(h, "hook_type")).Order(StringComparer.Ordinal));
        Assert.Single(await client.Hooks("""{"sns_topic_arn":""}"""));
    }

    private static IEnumerable<JsonNode> Sent(Platform platform) => platform.Receiver.At("/").Select(r => JsonNode.Parse(r.Body)!);

    private static string? Text(JsonNode? json, string name) => (string?)json![name];
}
