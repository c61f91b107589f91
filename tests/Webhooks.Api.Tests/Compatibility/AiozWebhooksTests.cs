using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Webhooks.Api.Tests.Compatibility;

/// <summary>AIOZ Stream's calls on one webhook, with the expectations of its clients' own test-suites.</summary>
public sealed class AiozWebhooksTests(RunningService service) : IClassFixture<RunningService>
{
    private const string All = "\"file_received\":true,\"encoding_started\":true,\"partial_finished\":true,\"encoding_finished\":true,\"encoding_failed\":true";

    [Fact]
    public async Task A_webhook_is_created_and_read_in_the_vendors_words()
    {
        var account = await AiozAccount.Of(service);
        var created = await account.Create("""{"name":"Test Webhook","url":"https://hooks.example.com/in","file_received":true,"encoding_started":true,"encoding_finished":true}""");

        Assert.Equal("success", (string?)created.Expect(201)["status"]);
        var webhook = created.Json["data"]!["webhook"]!;
        var id = (string?)webhook["id"];
        Assert.True(Guid.TryParseExact(id, "D", out _));
        Assert.True(Guid.TryParseExact((string?)webhook["user_id"], "D", out _));
        var expected = JsonNode.Parse($$"""
            {"id":"{{id}}","user_id":"{{webhook["user_id"]}}","name":"Test Webhook","url":"https://hooks.example.com/in",
             "file_received":true,"encoding_started":true,"partial_finished":false,"encoding_finished":true,"encoding_failed":false,
             "created_at":"{{webhook["created_at"]}}","updated_at":"{{webhook["created_at"]}}"}
            """);
        Assert.True(JsonNode.DeepEquals(expected, webhook), webhook.ToJsonString());

        var read = await account.Send("GET", $"/{id}");
        Assert.True(JsonNode.DeepEquals(created.Json, read.Expect(200)), read.Text);
    }

    [Fact]
    public async Task The_content_type_is_the_one_word_that_the_Node_client_compares()
    {
        var account = await AiozAccount.Of(service);
        var created = await account.Create($$"""{"url":"https://hooks.example.com/in",{{All}}}""");
        Assert.Equal("application/json", created.Header("Content-Type"));
        Assert.Equal("application/json", (await account.Send("GET", "")).Header("Content-Type"));
    }

    [Theory]
    [InlineData("""{"url":"https://hooks.example.com/in","name":"Test Webhook"}""", "event")]
    [InlineData("""{"url":"https://hooks.example.com/in","file_received":false}""", "event")]
    [InlineData("""{"url":"not-a-url","name":"Test Webhook","file_received":true}""", "url")]
    [InlineData("""{"url":"http://10.1.2.3/","file_received":true}""", "url")]
    [InlineData("""{"name":"Test Webhook","file_received":true}""", "url: Is required")]
    [InlineData("""{"url":"","file_received":true}""", "url: Must be 1 to 2048 characters; it has 0.")]
    [InlineData("{}", "url: Is required")]
    [InlineData("", "body")]
    [InlineData("[]", "object")]
    [InlineData("""{"url":"https://hooks.example.com/in","file_received":"yes"}""", "file_received")]
    [InlineData("""{"url":"https://hooks.example.com/in","file_recieved":true}""", "Did you mean 'file_received'")]
    public async Task What_can_not_be_a_webhook_is_refused_with_400(string json, string message) =>
        AiozAccount.IsRefused(await (await AiozAccount.Of(service)).Create(json), 400, message);

    [Fact]
    public async Task A_name_may_be_missing_and_has_100_characters_at_most()
    {
        var account = await AiozAccount.Of(service);
        Assert.Equal("default-name-webhook", (string?)(await account.Webhook(await account.GivenWebhook()))["name"]);
        Assert.Equal("default-name-webhook", (string?)(await account.Webhook(await account.GivenWebhook("\"name\":\"  \",\"file_received\":true")))["name"]);
        AiozAccount.IsRefused(await account.Create($$"""{"url":"https://hooks.example.com/in","name":"{{new string('a', 101)}}","file_received":true}"""), 400, "name");
    }

    [Fact]
    public async Task A_form_says_the_same_as_JSON()
    {
        var account = await AiozAccount.Of(service);
        var webhook = (await account.CreateByForm(("name", "Bücher & more"), ("url", "https://hooks.example.com/in?a=1&b=2"), ("file_received", "true"), ("encoding_failed", "false"))).Expect(201)["data"]!["webhook"]!;
        Assert.Equal(("Bücher & more", "https://hooks.example.com/in?a=1&b=2"), ((string?)webhook["name"], (string?)webhook["url"]));
        Assert.Equal("file_received", await account.Flags((string)webhook["id"]!));

        AiozAccount.IsRefused(await account.CreateByForm(("url", "https://hooks.example.com/in"), ("file_received", "maybe")), 400, "file_received");
        AiozAccount.IsRefused(await account.CreateByForm(("file_received", "true")), 400, "url");
    }

    [Fact]
    public async Task A_form_is_held_to_the_rules_of_JSON()
    {
        var account = await AiozAccount.Of(service);
        var webhook = (await account.CreateByForm(("url", "https://hooks.example.com/in"), ("fileReceived", "true"))).Expect(201)["data"]!["webhook"]!;
        Assert.Equal("file_received", await account.Flags((string)webhook["id"]!));

        AiozAccount.IsRefused(await account.CreateByForm(("name", "a"), ("name", "b"), ("url", "https://hooks.example.com/in"), ("file_received", "true")), 400, "name: Given more than once.");
        AiozAccount.IsRefused(await account.CreateByForm(("url", "https://hooks.example.com/in"), ("file_received", "true"), ("file_received", "true")), 400, "file_received: Given more than once.");

        var packed = new StringContent("url=https%3A%2F%2Fhooks.example.com%2Fin&file_received=true", Encoding.UTF8, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        packed.Headers.ContentEncoding.Add("gzip");
        AiozAccount.IsRefused(await service.Send(HttpMethod.Post, "/api/webhooks", packed, account.Authorization), 400, "compressed");
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    public async Task An_update_changes_what_it_names(string verb)
    {
        var account = await AiozAccount.Of(service);
        var id = await account.GivenWebhook("\"name\":\"Before\",\"file_received\":true,\"encoding_started\":true");

        var answer = (await account.Send(verb, $"/{id}", """{"encoding_started":false,"encoding_finished":true,"name":"Updated Webhook"}""")).Expect(200);
        Assert.Equal("success", (string?)answer["status"]);
        Assert.False(string.IsNullOrEmpty((string?)answer["message"]));
        Assert.Equal("file_received encoding_finished", await account.Flags(id));

        (await account.Send(verb, $"/{id}", """{"url":"https://elsewhere.example.com/"}""")).Expect(200);
        var webhook = await account.Webhook(id);
        Assert.Equal(("Updated Webhook", "https://elsewhere.example.com/"), ((string?)webhook["name"], (string?)webhook["url"]));
        Assert.Equal("file_received encoding_finished", await account.Flags(id));
        (await account.Send(verb, $"/{id}", "{}")).Expect(200);
    }

    [Theory]
    [InlineData("""{"url":"not-a-url"}""", "url")]
    [InlineData("""{"file_received":false}""", "event")]
    [InlineData("""{"unknown":1}""", "unknown")]
    public async Task An_update_that_breaks_a_rule_is_refused_and_changes_nothing(string json, string message)
    {
        var account = await AiozAccount.Of(service);
        var id = await account.GivenWebhook();
        AiozAccount.IsRefused(await account.Send("PATCH", $"/{id}", json), 400, message);
        Assert.Equal("file_received", await account.Flags(id));
    }

    [Theory]
    [InlineData("GET", "", null)]
    [InlineData("PATCH", "", "{}")]
    [InlineData("PUT", "", "{}")]
    [InlineData("DELETE", "", null)]
    [InlineData("POST", "check/", null)]
    public async Task An_id_that_is_malformed_unknown_or_another_users_is_refused(string verb, string path, string? body)
    {
        var (account, other) = (await AiozAccount.Of(service), await AiozAccount.Of(service));
        var foreign = await other.GivenWebhook();
        AiozAccount.IsRefused(await account.Send(verb, $"/{path}invalid-id", body), 400, "UUID");
        AiozAccount.IsRefused(await account.Send(verb, $"/{path}{AiozAccount.Unknown}", body), 404, "");
        AiozAccount.IsRefused(await account.Send(verb, $"/{path}{foreign}", body), 404, "");
        Assert.Equal("file_received", await other.Flags(foreign));
    }

    [Fact]
    public async Task A_deleted_webhook_is_gone()
    {
        var account = await AiozAccount.Of(service);
        var id = await account.GivenWebhook();
        Assert.Equal("success", (string?)(await account.Send("DELETE", $"/{id}")).Expect(200)["status"]);
        AiozAccount.IsRefused(await account.Send("GET", $"/{id}"), 404, "");
        AiozAccount.IsRefused(await account.Send("DELETE", $"/{id}"), 404, "");
    }

    [Fact]
    public async Task It_is_a_webhook_of_the_profile_aiozstream_and_others_are_not_seen_here()
    {
        var account = await AiozAccount.Of(service);
        var id = await account.GivenWebhook(All);
        var webhook = Assert.Single((await service.Get("/v1/webhooks", account.Authorization)).Expect(200)["webhooks"]!.AsArray())!;
        Assert.Equal(("aiozstream", "standard"), ((string?)webhook["profile"], (string?)webhook["signature_scheme"]));
        Assert.Equal("aiozstream", (string?)webhook["retry_policy"]!["name"]);
        Assert.Equal(["file.received", "encoding.started", "partial.finished", "encoding.finished", "encoding.failed"], webhook["event_types"]!.AsArray().Select(t => (string)t!));

        (await service.Post("/v1/webhooks", """{"url":"https://hooks.example.com/in"}""", account.Authorization)).Expect(201);
        Assert.Equal(1, (int)(await account.Send("GET", "")).Expect(200)["data"]!["total"]!);
        (await service.Send(HttpMethod.Patch, $"/v1/webhooks/{webhook["sid"]}", """{"event_types":["encoding.*"]}""", account.Authorization)).Expect(200);
        Assert.Equal("encoding_started encoding_finished encoding_failed", await account.Flags(id));
    }
}
