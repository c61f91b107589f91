using System.Text.Json.Serialization;

namespace Webhooks.Domain.Endpoints;

/// <summary>Whose receivers a webhook talks to: it chooses signature, headers, body and retries together (<see cref="ProfileChoice"/>).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WebhookProfile>))]
public enum WebhookProfile
{
    [JsonStringEnumMemberName("standard")]
    Standard,

    [JsonStringEnumMemberName("streem")]
    Streem,

    [JsonStringEnumMemberName("getstream")]
    GetStream,

    [JsonStringEnumMemberName("aiozstream")]
    AiozStream,

    [JsonStringEnumMemberName("svix")]
    Svix,

    [JsonStringEnumMemberName("stripe")]
    Stripe,

    [JsonStringEnumMemberName("github")]
    GitHub,

    [JsonStringEnumMemberName("shopify")]
    Shopify,

    [JsonStringEnumMemberName("hook0")]
    Hook0,
}
