using System.Text.Json.Serialization;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>What a customer registers: where, how and what to send.</summary>
/// <param name="Url">Absolute http or https, as the customer wrote it; a queue's address where <see cref="Destination"/> is given.</param>
/// <param name="Method">GET, POST, PUT, PATCH or DELETE.</param>
/// <param name="TimeoutMs">Deadline of one attempt over connect, TLS, headers and body: 100 to 60,000 ms.</param>
/// <param name="MaxAttempts">Attempts in all before a delivery is exhausted: 1 to 50.</param>
/// <param name="EventTypes">Types and patterns (<see cref="Messages.EventTypePattern"/>). Empty means all, future ones included.</param>
/// <param name="SignatureScheme">The first of <see cref="Signatures"/>, where there are any.</param>
/// <param name="RetryPolicy">Null means the company's default at the time of the attempt, or the installation's where it has none.</param>
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
    /// <summary>The profile it was last given. What that chose stands in the other members, so nothing but answers asks here. Null: none.</summary>
    public WebhookProfile? Profile { get; init; }

    /// <summary>All signatures that every request carries, at most <see cref="MaxSignatures"/>; empty: the one of <see cref="SignatureScheme"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EquatableArray<SignatureSettings> Signatures { get; init; }

    public const int MaxSignatures = 5;

    /// <summary>Null: as <see cref="SignatureScheme"/> has it by nature.</summary>
    public BodyFraming? BodyFraming { get; init; }

    /// <summary>What X-API-KEY says, where GetStream's scheme signs: the id of a key, no secret. Null: the header is left out.</summary>
    public string? ApiKey { get; init; }

    [JsonIgnore]
    public BodyFraming Framing => BodyFraming ?? (SignatureScheme == SignatureScheme.Streem ? Deliveries.BodyFraming.Streem : Deliveries.BodyFraming.Payload);

    /// <summary>Never empty.</summary>
    [JsonIgnore]
    public EquatableArray<SignatureSettings> SignedWith => Signatures.Count > 0 ? Signatures : new SignatureSettings[] { new(SignatureScheme) };

    /// <summary>Null: HTTP, to <see cref="Url"/>. Else Url is the destination's own, and Method is POST.</summary>
    public Destination? Destination { get; init; }

    /// <summary>Null: none but the signature.</summary>
    public WebhookAuth? Auth { get; init; }

    /// <summary>Null: all as by default.</summary>
    public Transport? Transport { get; init; }

    /// <summary>Only events that carry at least one of these; empty: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EquatableArray<string> Channels { get; init; }

    /// <summary>Only events whose payload it holds of (<see cref="Filtering.PayloadFilter"/>); null: all.</summary>
    public JsonText? Filter { get; init; }

    /// <summary>What is made of a payload before it is signed and sent (<see cref="Shaping.Shape"/>); null: it is sent as it is.</summary>
    public JsonText? Shape { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OrderingMode Ordering { get; init; }

    /// <summary>What a delivery that used up its attempts does to those behind it; only where <see cref="Ordering"/> is strict.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OnExhausted OnExhausted { get; init; }

    /// <summary>Deliveries are numbered without gaps, also where they are not ordered.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SequenceNumbers { get; init; }

    [JsonIgnore]
    public bool IsNumbered => SequenceNumbers || Ordering == OrderingMode.Strict;

    /// <summary>Null: the installation's defaults. Limits of its own hold over all nodes together.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DeliveryLimits? Limits { get; init; }

    /// <summary>Whether one node alone delivers to this webhook, because order and exact limits need one pair of eyes.</summary>
    [JsonIgnore]
    public bool IsPinned => Ordering == OrderingMode.Strict || Limits is not null;
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

    /// <summary>Its receiver answered 410.</summary>
    [JsonStringEnumMemberName("gone")]
    Gone,

    /// <summary>Its receiver asked for it: <c>webhook-delivery: disable</c>.</summary>
    [JsonStringEnumMemberName("receiver")]
    Receiver,

    /// <summary>Switched off by somebody who wants what is emitted meanwhile neither now nor later: it gets no delivery (GetStream's <c>enabled: false</c>).</summary>
    [JsonStringEnumMemberName("off")]
    Off,
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
