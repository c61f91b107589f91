using System.Text.Json.Serialization;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>What a customer registers: where, how and what to send.</summary>
/// <param name="Url">Absolute http or https, as the customer wrote it.</param>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE.</param>
/// <param name="TimeoutMs">Deadline of one attempt over connect, TLS, headers and body: 100 to 60,000 ms.</param>
/// <param name="MaxAttempts">Attempts in all before a delivery is exhausted: 1 to 50.</param>
/// <param name="EventTypes">Empty means all, future ones included.</param>
/// <param name="RetryPolicy">Null means the installation's default at the time of the attempt.</param>
public sealed record WebhookConfiguration(
    string Label,
    string Url,
    string Method,
    int TimeoutMs,
    int MaxAttempts,
    EquatableArray<CustomHeader> Headers,
    EquatableArray<string> EventTypes,
    SignatureScheme SignatureScheme,
    RetryPolicy? RetryPolicy)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OrderingMode Ordering { get; init; }

    /// <summary>Null: the installation's defaults. Limits of its own hold over all nodes together.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DeliveryLimits? Limits { get; init; }

    /// <summary>Whether one node alone delivers to this webhook, because order and exact limits need one pair of eyes.</summary>
    [JsonIgnore]
    public bool IsPinned => Ordering == OrderingMode.Strict || Limits is not null;
}

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

/// <summary>A header of the customer's own, sent with every request.</summary>
/// <param name="Value">Sealed: customers put credentials here.</param>
/// <param name="Signed">Whether a scheme that can sign headers (Streem) includes it.</param>
public sealed record CustomHeader(string Name, SealedSecret Value, bool Signed);

[JsonConverter(typeof(JsonStringEnumConverter<DisabledReason>))]
public enum DisabledReason
{
    [JsonStringEnumMemberName("manual")]
    Manual,
    [JsonStringEnumMemberName("failing")]
    Failing,
    [JsonStringEnumMemberName("gone")]
    Gone,
}

[JsonConverter(typeof(JsonStringEnumConverter<WebhookStatus>))]
public enum WebhookStatus
{
    [JsonStringEnumMemberName("unknown")]
    Unknown,
    [JsonStringEnumMemberName("active")]
    Active,
    [JsonStringEnumMemberName("disabled")]
    Disabled,
    [JsonStringEnumMemberName("deleted")]
    Deleted,
}
