using System.Text.Json.Serialization;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>A queue or a topic of Amazon's.</summary>
/// <param name="Region">Part of the signature, and where no endpoint is given, of the address.</param>
public abstract record AwsDestination(string Region, AwsAccess Access) : Destination
{
    /// <summary>Scheme, host and port in place of Amazon's: an emulator or a VPC endpoint. Null: Amazon's.</summary>
    public string? EndpointUrl { get; init; }

    /// <summary>What makes a message group. Null: none on standard queues, <see cref="MessageGroup.OrderingKey"/> on FIFO ones, which need one.</summary>
    public MessageGroup? MessageGroup { get; init; }

    /// <summary>Of the body. Left out: text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BodyEncoding Encoding { get; init; }

    /// <summary>By the name, as Amazon demands it.</summary>
    [JsonIgnore]
    public bool IsFifo => Url.EndsWith(".fifo", StringComparison.Ordinal);

    [JsonIgnore]
    public override SealedSecret? Secret => Access is AwsKeys keys ? keys.SecretAccessKey : null;

    [JsonIgnore]
    public override string SecretPath => "access.secret_access_key";
}

/// <param name="QueueUrl">As Amazon tells it: <c>https://sqs.{region}.amazonaws.com/{account}/{name}</c>.</param>
public sealed record SqsDestination(string QueueUrl, string Region, AwsAccess Access) : AwsDestination(Region, Access)
{
    [JsonIgnore]
    public override string Url => QueueUrl;
}

/// <param name="TopicArn"><c>arn:aws:sns:{region}:{account}:{name}</c></param>
public sealed record SnsDestination(string TopicArn, string Region, AwsAccess Access) : AwsDestination(Region, Access)
{
    [JsonIgnore]
    public override string Url => TopicArn;
}

/// <summary>In whose name a queue or topic of Amazon's is written to.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(AwsKeys), "keys")]
[JsonDerivedType(typeof(AwsWebIdentity), "web_identity")]
public abstract record AwsAccess;

/// <summary>An access key of the customer's.</summary>
public sealed record AwsKeys(string AccessKeyId, SealedSecret SecretAccessKey) : AwsAccess;

/// <summary>
/// A role of the customer's that trusts this installation's identity provider. Its session is named after the company's
/// sid: a trust policy that asks for that name (<c>sts:RoleSessionName</c>) is closed to other companies.
/// </summary>
public sealed record AwsWebIdentity(string RoleArn) : AwsAccess;

[JsonConverter(typeof(JsonStringEnumConverter<MessageGroup>))]
public enum MessageGroup
{
    /// <summary>The event's ordering key; the webhook's sid where it has none or the webhook isn't ordered.</summary>
    [JsonStringEnumMemberName("ordering_key")]
    OrderingKey,

    [JsonStringEnumMemberName("event_type")]
    EventType,

    /// <summary>One group for all.</summary>
    [JsonStringEnumMemberName("webhook")]
    Webhook,
}

[JsonConverter(typeof(JsonStringEnumConverter<BodyEncoding>))]
public enum BodyEncoding
{
    /// <summary>The body itself.</summary>
    [JsonStringEnumMemberName("text")]
    Text,

    /// <summary>Base64 of the body, compressed before where the webhook asks for it.</summary>
    [JsonStringEnumMemberName("base64")]
    Base64,
}
