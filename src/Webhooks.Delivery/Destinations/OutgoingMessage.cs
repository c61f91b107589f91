using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Destinations;

/// <summary>What a queue is told beyond body and headers.</summary>
/// <param name="Target">Where it goes.</param>
/// <param name="Deduplication">The same over the attempts of one series, another after somebody asked for a resend: at most 128 characters.</param>
public sealed record OutgoingMessage(QueueTarget Target, string EventType, string Deduplication)
{
    /// <summary>Null or empty: none.</summary>
    public string? OrderingKey { get; init; }

    /// <summary>Compress the body. The header that says so is among the request's own.</summary>
    public bool Gzip { get; init; }
}

/// <summary>A webhook's destination, secrets opened: made once per change, shared by its deliveries.</summary>
/// <param name="Group">Where no ordering key tells messages apart: the webhook's sid.</param>
public abstract record QueueTarget(string Group)
{
    /// <summary>Leaves secrets out of logs.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <param name="Access">Never of another region's or company's.</param>
public abstract record AwsTarget(string Group, AwsDestination Destination, AwsIdentity Access) : QueueTarget(Group);

public sealed record SqsTarget(string Group, SqsDestination Sqs, AwsIdentity Access) : AwsTarget(Group, Sqs, Access);

public sealed record SnsTarget(string Group, SnsDestination Sns, AwsIdentity Access) : AwsTarget(Group, Sns, Access);

public sealed record RabbitMqTarget(string Group, RabbitMqDestination RabbitMq, string Password) : QueueTarget(Group);

/// <summary>In whose name a request to Amazon is signed.</summary>
public abstract record AwsIdentity
{
    /// <summary>Leaves secrets out of logs.</summary>
    public sealed override string ToString() => GetType().Name;
}

public sealed record AwsKeyPair(string AccessKeyId, string SecretAccessKey) : AwsIdentity;

/// <param name="SessionName">The company's sid: what a trust policy can ask for.</param>
public sealed record AwsRole(string RoleArn, string SessionName) : AwsIdentity;
