using System.Text.Json;
using Webhooks.Api.Endpoints;
using Webhooks.Api.Http;
using Webhooks.Delivery;
using Webhooks.Domain.Companies;
using Webhooks.Projections.Deliveries;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>POST /api/webhooks/check/{id}</summary>
public static class CheckAiozWebhook
{
    public static void Map(RouteGroupBuilder webhooks) => webhooks.MapPost("/check/{id}", Handle)
        .RequireScope(Scopes.Manage)
        .WithSummary("Check a webhook")
        .WithDescription("Sends one event to it as AIOZ does: encoding.started of a video Test.mp4 whose media_id is all zeros. It is tried once. To the service it is a test event, with a delivery of its own.")
        .Answers(200, "The receiver took it with 2xx; or, where the attempt is not over in time, it was sent.", """{"status":"success","message":"The receiver answered 200."}""");

    // Its clients send no body, or an empty one of whatever type: it is not looked at.
    private static async Task<IResult> Handle(HttpContext http, string id, WebhookQueries webhooks, DeliveryNode node, DeliveryAudit audit, TimeProvider time)
    {
        var found = await AiozTarget.Find(http, webhooks, id);
        var (test, isOver) = await TestWebhook.Send(http, found, Sample(found, time.GetUtcNow()), node, audit);
        return test.Succeeded switch
        {
            true => AiozApi.Message($"The receiver answered {test.StatusCode}."),
            false => throw Problems.Refuse(400, "webhook.check_failed", test.Detail ?? "The event could not be sent."),
            null => AiozApi.Message(isOver ? "The event was sent." : "The event was sent; its outcome is not known yet."),
        };
    }

    private static byte[] Sample(WebhookView webhook, DateTimeOffset now) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            type = "encoding.started",
            emitted_at = now,
            media_id = Guid.Empty,
            media_type = "video",
            qualities = "720p",
            title = "Test.mp4",
            status = "transcoding",
            user_id = webhook.State.Company.Value,
        },
        Wire.Json);
}
