namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>What a request to Amazon is signed with.</summary>
/// <param name="SessionToken">Null for keys that last.</param>
internal sealed record AwsCredentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    /// <summary>Leaves the secrets out of logs.</summary>
    public override string ToString() => AccessKeyId;
}
