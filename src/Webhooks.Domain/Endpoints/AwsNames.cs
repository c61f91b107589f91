using System.Text.RegularExpressions;

namespace Webhooks.Domain.Endpoints;

/// <summary>How Amazon names regions, queues, topics and roles, as far as requests to them depend on it.</summary>
public static partial class AwsNames
{
    public const string QueueService = "sqs";
    public const string TopicService = "sns";
    public const string TokenService = "sts";

    /// <summary>It becomes part of a host name, so nothing else may pass for one.</summary>
    public static bool IsRegion(string text) => Region().IsMatch(text);

    /// <returns>Null where the host is none of Amazon's for queues, so that the region has to be told.</returns>
    public static string? RegionOfQueue(Uri queueUrl)
    {
        ArgumentNullException.ThrowIfNull(queueUrl);
        return QueueHost().Match(queueUrl.IdnHost) is { Success: true } match ? match.Groups["region"].Value : null;
    }

    /// <returns>Null where it is no topic's.</returns>
    public static string? RegionOfTopic(string arn) => TopicArn().Match(arn) is { Success: true } match ? match.Groups["region"].Value : null;

    public static bool IsRoleArn(string arn) => RoleArn().IsMatch(arn);

    public static bool IsAccessKeyId(string text) => AccessKeyId().IsMatch(text);

    /// <summary>A queue's name or a topic's: FIFO ones end in <c>.fifo</c>.</summary>
    public static bool IsQueueName(string name) => QueueName().IsMatch(name);

    /// <param name="region">As <see cref="IsRegion"/> takes it.</param>
    public static Uri Endpoint(string service, string region) =>
        IsRegion(region)
            ? new($"https://{service}.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}/")
            : throw new ArgumentException("Not a region.", nameof(region));

    [GeneratedRegex(@"\A[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}\z")]
    private static partial Regex Region();

    [GeneratedRegex(@"\A(?:(?:[a-z0-9-]+\.)?sqs(?:-fips)?\.(?<region>[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2})(?:\.vpce)?|(?<region>[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2})\.queue)\.amazonaws\.com(?:\.cn)?\z")]
    private static partial Regex QueueHost();

    [GeneratedRegex(@"\Aarn:aws(?:-[a-z]{2,4}(?:-[a-z]{1,4})?)?:sns:(?<region>[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}):[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?\z")]
    private static partial Regex TopicArn();

    [GeneratedRegex(@"\Aarn:aws(?:-[a-z]{2,4}(?:-[a-z]{1,4})?)?:iam::[0-9]{12}:role/[\x21-\x7e]{1,576}\z")]
    private static partial Regex RoleArn();

    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,128}\z")]
    private static partial Regex AccessKeyId();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,80}(?:\.fifo)?\z")]
    private static partial Regex QueueName();
}
