using System.Text;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Signing;

namespace Webhooks.Domain.Endpoints;

/// <summary>Which queues may be registered, and what of a webhook's configuration means nothing to them.</summary>
public static class DestinationRules
{
    public const string Field = "destination";
    public const int MaxArnLength = 640;
    public const int MaxSecretLength = 1024;

    /// <summary>AMQP's short strings: bytes of UTF-8.</summary>
    public const int MaxShortString = 255;

    /// <summary>Beside one signature: of ten that Amazon carries, what the service sets leaves this many at least.</summary>
    public const int MaxAwsHeaders = 3;

    /// <summary>Of a header's name; beyond it AMQP has no room.</summary>
    public const int MaxHeaderName = 128;

    /// <param name="allowed">Networks that the installation exempts.</param>
    /// <param name="hasIdentity">Whether this installation can prove to Amazon who it is.</param>
    /// <returns>The first rule broken; null when there is none. Credentials are not tried.</returns>
    public static Refusal? Refuse(Destination destination, AllowedNetworks allowed, bool httpsOnly, bool hasIdentity) => destination switch
    {
        SqsDestination sqs => RefuseQueue(sqs, allowed, httpsOnly) ?? RefuseAws(sqs, allowed, httpsOnly, hasIdentity),
        SnsDestination sns => RefuseTopic(sns) ?? RefuseAws(sns, allowed, httpsOnly, hasIdentity),
        RabbitMqDestination rabbit => RefuseBroker(rabbit),
        _ => throw new ArgumentOutOfRangeException(nameof(destination), destination, "No rule for this kind."),
    };

    public static Refusal? RefuseTopicArn(string arn) =>
        AwsNames.RegionOfTopic(arn) is null ? Refusal.Invalid($"{Field}.topic_arn", "destination.topic_arn", "Must be of the form arn:aws:sns:{region}:{account}:{name}.") : null;

    /// <returns>The first of the webhook's other settings that can't be had with its destination; null when there is none.</returns>
    public static Refusal? RefuseBeside(WebhookConfiguration configuration) => configuration switch
    {
        { Destination: null } => null,
        { Method: not "POST" } => Refusal.Invalid("method", "destination.method", "A message to a queue has no method: leave it out, or give POST."),
        { Auth: not null } => Refusal.Invalid("auth", "destination.auth", "Sets a header for HTTP receivers; a queue's credentials stand in destination."),
        { Transport.HttpVersion: not null } => Refusal.Invalid("transport.http_version", "destination.http_version", "Is of use with HTTP receivers only."),
        { Transport.ClientCertificate: not null, Destination: AwsDestination } => Refusal.Invalid("transport.client_certificate", "destination.client_certificate", "Amazon asks for no certificate."),
        { Transport.Compression: not null, Destination: AwsDestination { Encoding: BodyEncoding.Text } } =>
            Refusal.Invalid("transport.compression", "destination.compression", "What is compressed is no text: it needs destination.encoding base64."),
        { Destination: AwsDestination } when configuration.Headers.Count > MaxAwsHeaders =>
            Refusal.Invalid("headers", "destination.headers", $"Must hold at most {MaxAwsHeaders} headers: Amazon carries ten attributes in all."),
        { Destination: AwsDestination } when NeededAttributes(configuration) is > MessageAttributes.MaxAws and var needed =>
            Refusal.Invalid("signatures", "destination.attributes", $"Signatures and headers come to {needed} attributes, and Amazon carries {MessageAttributes.MaxAws}: leave some out."),
        _ => null,
    };

    /// <summary>A header of the customer's becomes an attribute of the message, whose names and values are narrower.</summary>
    /// <param name="field">The header's field, such as <c>headers[2]</c>.</param>
    public static Refusal? RefuseHeader(Destination? destination, string name, string value, string field) => destination switch
    {
        null => null,
        _ when name.Length > MaxHeaderName => Refusal.Invalid($"{field}.name", "destination.header_name", $"With a queue, must be at most {MaxHeaderName} characters."),
        AwsDestination when !IsAttributeName(name) =>
            Refusal.Invalid($"{field}.name", "destination.header_name", "Amazon takes letters, digits, hyphens, underscores and single dots inside, and no name that begins with AWS. or Amazon."),
        AwsDestination when value.Length == 0 => Refusal.Invalid($"{field}.value", "destination.header_value", "Amazon takes no attribute without a value."),
        _ => null,
    };

    /// <summary>Those that a receiver can't do without: the event's sid, all that signatures set, and the webhook's own.</summary>
    private static int NeededAttributes(WebhookConfiguration configuration) => 1
        + configuration.SignedWith.SelectMany(SignatureRules.HeadersOf).Distinct(StringComparer.OrdinalIgnoreCase).Count(h => !MessageAttributes.CanBeLeftOut(h))
        + configuration.Headers.Count
        + (configuration.Transport?.Compression is null ? 0 : 1);

    private static Refusal? RefuseQueue(SqsDestination sqs, AllowedNetworks allowed, bool httpsOnly)
    {
        const string Name = $"{Field}.queue_url";
        if (UrlRules.Refuse(sqs.QueueUrl, allowed, Name, httpsOnly) is { } refusal)
        {
            return refusal;
        }

        var url = new Uri(sqs.QueueUrl);
        if (url.Query.Length > 0 || !AwsNames.IsQueueName(url.Segments[^1]))
        {
            return Refusal.Invalid(Name, "destination.queue_url", "Must end in the queue's name: 1 to 80 letters, digits, hyphens and underscores, and .fifo where it is one.");
        }

        return AwsNames.RegionOfQueue(url) is { } region && region != sqs.Region
            ? Refusal.Invalid($"{Field}.region", "destination.region", $"The queue is in {region}, as its URL says.")
            : null;
    }

    private static Refusal? RefuseTopic(SnsDestination sns) =>
        RefuseTopicArn(sns.TopicArn)
        ?? (AwsNames.RegionOfTopic(sns.TopicArn) is var region && region != sns.Region
            ? Refusal.Invalid($"{Field}.region", "destination.region", $"The topic is in {region}, as its ARN says.")
            : null);

    private static Refusal? RefuseAws(AwsDestination aws, AllowedNetworks allowed, bool httpsOnly, bool hasIdentity) => aws switch
    {
        _ when !AwsNames.IsRegion(aws.Region) => Refusal.Invalid($"{Field}.region", "destination.region", "Must be a region of Amazon's, such as eu-west-1; it has to be told where the address does not say it."),
        { EndpointUrl: { } endpoint } when RefuseEndpoint(endpoint, allowed, httpsOnly) is { } refusal => refusal,
        { Access: AwsKeys { AccessKeyId: var id } } when !AwsNames.IsAccessKeyId(id) => Refusal.Invalid($"{Field}.access.access_key_id", "destination.access_key_id", "Must be 1 to 128 letters, digits and underscores."),
        { Access: AwsWebIdentity { RoleArn: var arn } } when !AwsNames.IsRoleArn(arn) => Refusal.Invalid($"{Field}.access.role_arn", "destination.role_arn", "Must be of the form arn:aws:iam::{account}:role/{name}."),
        { Access: AwsWebIdentity } when !hasIdentity => Refusal.Invalid($"{Field}.access", "destination.web_identity", "This installation has no web identity to assume a role with; give keys."),
        _ => null,
    };

    private static Refusal? RefuseEndpoint(string endpoint, AllowedNetworks allowed, bool httpsOnly)
    {
        const string Name = $"{Field}.endpoint_url";
        return UrlRules.Refuse(endpoint, allowed, Name, httpsOnly)
            ?? (new Uri(endpoint).PathAndQuery == "/" ? null : Refusal.Invalid(Name, "destination.endpoint_url", "Must be scheme, host and port alone."));
    }

    private static Refusal? RefuseBroker(RabbitMqDestination rabbit) => rabbit switch
    {
        _ when IsTooLong(rabbit.Vhost) => TooLong("url"),
        _ when IsTooLong(rabbit.Exchange) => TooLong("exchange"),
        _ when IsTooLong(rabbit.RoutingKey ?? "") => TooLong("routing_key"),
        { Exchange: "", RoutingKey: null or "" } => Refusal.Invalid($"{Field}.routing_key", "destination.routing_key", "With the default exchange it names the queue, so it is required."),
        _ => null,
    };

    private static bool IsTooLong(string text) => Encoding.UTF8.GetByteCount(text) > MaxShortString;

    private static Refusal TooLong(string name) => Refusal.Invalid($"{Field}.{name}", "destination.length", $"Must be at most {MaxShortString} bytes of UTF-8.");

    private static bool IsAttributeName(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !name.StartsWith('.') && !name.EndsWith('.') && !name.Contains("..", StringComparison.Ordinal)
        && !name.StartsWith("aws.", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("amazon.", StringComparison.OrdinalIgnoreCase);
}
