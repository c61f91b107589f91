using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Api.Tests.Messages;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Compatibility;

/// <summary>What AIOZ's receivers get.</summary>
public sealed class AiozDeliveryTests(Platform platform) : IClassFixture<Platform>
{
    private const string Body = """{"type":"partial.finished","emitted_at":"2026-01-31T12:00:00Z","media_id":"01890a5d-ac96-774b-bcce-b302099a8057","media_type":"live-stream","qualities":"720p","title":"a/b <c>","status":"transcoding","user_id":"01890a5d-ac96-774b-bcce-b302099a8058"}""";

    [Fact]
    public async Task The_flat_body_arrives_byte_for_byte_and_is_signed()
    {
        var account = await AiozAccount.Of(platform.Service);
        var path = Tenant.NewPath();
        var id = await account.GivenWebhook("\"partial_finished\":true", platform.Receiver.Url(path));

        await Emit(account, "encoding.started");
        await Emit(account, "partial.finished");
        await Eventually.Is(() => Task.FromResult(platform.Receiver.At(path).Count == 1), "the event arrives");

        var request = Assert.Single(platform.Receiver.At(path));
        Assert.Equal(Body, Encoding.UTF8.GetString(request.Body));
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        Assert.StartsWith("v1,", request.Headers["webhook-signature"], StringComparison.Ordinal);
        await Eventually.Is(async () => (await account.Webhook(id))["last_triggered_at"] is not null, "the list of deliveries has caught up");
        var listed = (await account.Send("GET", "")).Expect(200)["data"]!["webhooks"]![0]!;
        Assert.Equal((string?)(await account.Webhook(id))["last_triggered_at"], (string?)listed["last_triggered_at"]);
    }

    [Fact]
    public async Task An_update_switches_on_what_its_receiver_switched_off()
    {
        var account = await AiozAccount.Of(platform.Service);
        var path = Tenant.NewPath();
        platform.Receiver.Answer(path, _ => new Reply(platform.Receiver.At(path).Count == 1 ? 410 : 200, []));
        var id = await account.GivenWebhook("\"partial_finished\":true", platform.Receiver.Url(path));
        await Emit(account, "partial.finished");
        await Eventually.Is(() => Task.FromResult(platform.Receiver.At(path).Count == 1), "the event arrives and is answered 410");
        await Eventually.Is(async () =>
        {
            (await account.Send("PATCH", $"/{id}", """{"name":"Back"}""")).Expect(200);
            return platform.Receiver.At(path).Count == 2;
        }, "what was parked arrives once the webhook is on again");
    }

    [Fact]
    public async Task A_check_sends_the_vendors_sample_whatever_is_subscribed_to()
    {
        var account = await AiozAccount.Of(platform.Service);
        var path = Tenant.NewPath();
        var id = await account.GivenWebhook("\"file_received\":true", platform.Receiver.Url(path));

        var answer = (await account.Send("POST", $"/check/{id}")).Expect(200);
        Assert.Equal("success", (string?)answer["status"]);
        Assert.Contains("200", (string?)answer["message"], StringComparison.Ordinal);

        var sample = JsonNode.Parse(Assert.Single(platform.Receiver.At(path)).Body)!;
        Assert.Equal(
            ("encoding.started", Guid.Empty.ToString(), "video", "720p", "Test.mp4"),
            ((string?)sample["type"], (string?)sample["media_id"], (string?)sample["media_type"], (string?)sample["qualities"], (string?)sample["title"]));
        Assert.Equal((string?)(await account.Webhook(id))["user_id"], (string?)sample["user_id"]);
    }

    [Fact]
    public async Task A_check_that_fails_says_why()
    {
        var account = await AiozAccount.Of(platform.Service);
        var path = Tenant.NewPath();
        platform.Receiver.Answer(path, _ => new Reply(503, []));
        AiozAccount.IsRefused(await account.Send("POST", $"/check/{await account.GivenWebhook(url: platform.Receiver.Url(path))}"), 400, "503");
        AiozAccount.IsRefused(await account.Send("POST", $"/check/{await account.GivenWebhook(url: $"http://127.0.0.1:{FreePort.Find()}/")}"), 400, "");
    }

    private async Task<JsonNode> Emit(AiozAccount account, string type) =>
        (await platform.Service.Post("/v1/events", $$"""{"type":"{{type}}","payload":{{Body}}}""", account.Authorization)).Expect(202)["event"]!;
}
