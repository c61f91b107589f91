using System.Text.Json.Serialization;

namespace Webhooks.Domain.Endpoints;

[JsonConverter(typeof(JsonStringEnumConverter<OrderingMode>))]
public enum OrderingMode
{
    /// <summary>Each delivery goes when it can.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>In the order of commit, one at a time for each ordering key.</summary>
    [JsonStringEnumMemberName("strict")]
    Strict,
}

[JsonConverter(typeof(JsonStringEnumConverter<OnExhausted>))]
public enum OnExhausted
{
    /// <summary>Those behind it go on; the receiver sees the gap in the numbers.</summary>
    [JsonStringEnumMemberName("skip")]
    Skip,

    /// <summary>Those of its key wait until someone retries it with success, or skips it.</summary>
    [JsonStringEnumMemberName("block")]
    Block,
}
