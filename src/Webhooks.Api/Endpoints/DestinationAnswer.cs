using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>Where a webhook's events go when not by HTTP, on the wire: the fields of its kind, secrets never shown.</summary>
public sealed record DestinationAnswer(string Kind)
{
    public string? QueueUrl { get; init; }
    public string? TopicArn { get; init; }
    public string? Region { get; init; }
    public string? EndpointUrl { get; init; }
    public AwsAccessAnswer? Access { get; init; }
    public MessageGroup? MessageGroup { get; init; }
    public BodyEncoding? Encoding { get; init; }
    public string? Url { get; init; }
    public string? User { get; init; }
    public string? Password { get; init; }
    public string? Exchange { get; init; }
    public string? RoutingKey { get; init; }

    internal static DestinationAnswer? Of(Destination? destination) => destination switch
    {
        null => null,
        SqsDestination sqs => Aws("sqs", sqs) with { QueueUrl = sqs.QueueUrl },
        SnsDestination sns => Aws("sns", sns) with { TopicArn = sns.TopicArn },
        RabbitMqDestination rabbit => new("rabbitmq") { Url = rabbit.Url, User = rabbit.User, Password = HeaderAnswer.Redacted, Exchange = rabbit.Exchange, RoutingKey = rabbit.RoutingKey },
        _ => throw new ArgumentOutOfRangeException(nameof(destination), destination, "No form for this kind."),
    };

    private static DestinationAnswer Aws(string kind, AwsDestination aws) => new(kind)
    {
        Region = aws.Region,
        EndpointUrl = aws.EndpointUrl,
        MessageGroup = aws.MessageGroup,
        Encoding = aws.Encoding,
        Access = aws.Access switch
        {
            AwsKeys keys => new("keys", AccessKeyId: keys.AccessKeyId, SecretAccessKey: HeaderAnswer.Redacted),
            AwsWebIdentity role => new("web_identity", RoleArn: role.RoleArn),
            _ => throw new ArgumentOutOfRangeException(nameof(aws), aws, "No form for this kind of access."),
        },
    };
}

/// <param name="SecretAccessKey">Never shown.</param>
public sealed record AwsAccessAnswer(string Kind, string? AccessKeyId = null, string? SecretAccessKey = null, string? RoleArn = null);
