using System.Text.Json;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>Credentials, or why there are none.</summary>
/// <param name="Credentials">Null beside a failure.</param>
/// <param name="Expiry">By Amazon's clock; null: never.</param>
internal sealed record AwsGrant(AwsCredentials? Credentials, DateTimeOffset? Expiry = null, FailureClass? Failure = null, string? Detail = null)
{
    public static AwsGrant Failed(FailureClass failure, string detail) => new(null, null, failure, detail);

    /// <param name="answer">Of STS, to AssumeRoleWithWebIdentity.</param>
    public static AwsGrant Of(SendResult answer) => answer switch
    {
        // Ours, and so not Amazon's fault.
        { Failure: FailureClass.Proxy or FailureClass.Internal } => Failed(answer.Failure.Value, answer.Detail!),
        { Failure: FailureClass.Status } => Failed(FailureClass.Auth, $"STS answered {answer.StatusCode}{ErrorOf(answer.ResponseBody)}: the role was not to be had."),
        { Failure: { } failure } => Failed(FailureClass.Auth, $"STS could not be asked for the role ({JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.ToString())})."),
        _ => Read(answer.ResponseBody) ?? Failed(FailureClass.Auth, "STS answered without credentials."),
    };

    private static string ErrorOf(byte[] body) => AwsAnswers.ShownCode(AwsAnswers.XmlText(body, "Code")) is { } code ? $" ({code})" : "";

    private static AwsGrant? Read(byte[] body) =>
        (AwsAnswers.XmlText(body, "AccessKeyId"), AwsAnswers.XmlText(body, "SecretAccessKey"), AwsAnswers.XmlText(body, "SessionToken"), AwsAnswers.XmlText(body, "Expiration")) switch
        {
            ({ Length: > 0 } id, { Length: > 0 } secret, { Length: > 0 } token, { } expiration) when DateTimeOffset.TryParse(expiration, out var expiry) =>
                new AwsGrant(new AwsCredentials(id, secret, token), expiry),
            _ => null,
        };

    /// <summary>Leaves the secrets out of logs.</summary>
    public override string ToString() => Detail ?? "[credentials]";
}
