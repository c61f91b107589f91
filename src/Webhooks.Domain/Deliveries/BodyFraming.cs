using System.Text.Json.Serialization;

namespace Webhooks.Domain.Deliveries;

/// <summary>What a request's body is around what is sent.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BodyFraming>))]
public enum BodyFraming
{
    /// <summary>Nothing: the payload as it was emitted, or as the webhook's shape makes it.</summary>
    [JsonStringEnumMemberName("payload")]
    Payload,

    /// <summary>Streem's envelope (<see cref="Signing.StreemBody"/>).</summary>
    [JsonStringEnumMemberName("streem")]
    Streem,
}
