using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>A webhook in AIOZ's words.</summary>
/// <param name="Id">The UUID inside of the webhook's sid.</param>
/// <param name="UserId">The company's.</param>
/// <param name="LastTriggeredAt">When the last event was planned for it; null before the first.</param>
public sealed record AiozWebhookAnswer(
    Guid Id,
    Guid UserId,
    string Name,
    string Url,
    bool FileReceived,
    bool EncodingStarted,
    bool PartialFinished,
    bool EncodingFinished,
    bool EncodingFailed,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? LastTriggeredAt)
{
    public const string Example = """
        {"id":"01890a5d-ac96-774b-bcce-b302099a8057","user_id":"01890a5d-ac96-774b-bcce-b302099a8058","name":"Media","url":"https://hooks.example.com/media",
         "file_received":true,"encoding_started":true,"partial_finished":false,"encoding_finished":true,"encoding_failed":true,
         "created_at":"2026-01-31T12:00:00.000Z","updated_at":"2026-01-31T12:00:00.000Z","last_triggered_at":"2026-01-31T12:30:00.000Z"}
        """;

    internal static AiozWebhookAnswer Of(WebhookView view, DateTimeOffset? lastTriggeredAt)
    {
        var configuration = view.State.Configuration ?? throw new ArgumentException("Only a registered webhook can be shown.", nameof(view));
        bool Takes(string type) => AiozEvents.Takes(configuration.EventTypes, type);
        return new(
            view.Id.Value, view.State.Company.Value, configuration.Label, configuration.Url,
            Takes("file.received"), Takes("encoding.started"), Takes("partial.finished"), Takes("encoding.finished"), Takes("encoding.failed"),
            view.CreatedAt, view.UpdatedAt, lastTriggeredAt);
    }
}
