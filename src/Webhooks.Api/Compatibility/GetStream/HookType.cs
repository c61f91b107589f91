using System.Text.Json.Serialization;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

[JsonConverter(typeof(JsonStringEnumConverter<HookType>))]
internal enum HookType
{
    [JsonStringEnumMemberName("webhook")]
    Webhook,

    [JsonStringEnumMemberName("sqs")]
    Sqs,

    [JsonStringEnumMemberName("sns")]
    Sns,

    /// <summary>Asks a server before a message is shown. Nothing here waits for an answer, so it is refused.</summary>
    [JsonStringEnumMemberName("pending_message")]
    PendingMessage,
}

internal static class HookTypes
{
    /// <summary>Null: of a kind that GetStream does not know.</summary>
    public static HookType? Of(WebhookConfiguration configuration) => configuration.Destination switch
    {
        null => HookType.Webhook,
        SqsDestination => HookType.Sqs,
        SnsDestination => HookType.Sns,
        _ => null,
    };
}
