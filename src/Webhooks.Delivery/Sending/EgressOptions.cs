using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Sending;

/// <summary>Where and how requests leave this installation.</summary>
public sealed class EgressOptions : IValidatableObject
{
    [Description("Networks exempted from the guard against private addresses, such as 10.0.0.0/8 or 127.0.0.0/8. Link-local and cloud metadata addresses stay blocked always.")]
    public string[] AllowNetworks { get; set; } = [];

    [Description("Refuse plain http, when a webhook is registered and when it is sent.")]
    public bool HttpsOnly { get; set; }

    [Description("Connections to one host and port at most; requests beyond it wait within their deadline.")]
    [Range(1, 10_000)]
    public int MaxConnectionsPerServer { get; set; } = 256;

    [Description("The way out, where there is no direct one: `http://host:port` or `http://user:password@host:port`. Receivers are judged by their addresses here, and reached through it by CONNECT, whatever their port. Its own address may be private.")]
    public string? Proxy { get; set; }

    [Description("Webhooks with a client certificate or authorities of their own have connections of their own, in so many pools at most; beyond it the one not used for longest is closed.")]
    [Range(1, 10_000)]
    public int MaxOwnPools { get; set; } = 256;

    [Description("Send the W3C header `traceparent` for webhooks that do not say whether they want it.")]
    public bool Traceparent { get; set; }

    [Description("File with the OIDC token by which this installation assumes roles of customers at Amazon: on EKS, what `AWS_WEB_IDENTITY_TOKEN_FILE` names. Read anew each time. Without it webhooks to SQS and SNS need access keys.")]
    public string? AwsWebIdentityTokenFile { get; set; }

    [Description("Where roles are assumed, in place of Amazon's STS of the destination's region: `https://host`. Its address is judged as receivers' are.")]
    public string? AwsStsUrl { get; set; }

    [Description("Bytes of a response body that are kept with the attempt.")]
    [Range(0, 1024 * 1024)]
    public int MaxStoredResponseBytes { get; set; } = 16 * 1024;

    [Description("Bytes of a response body that are read before the connection is dropped; at least MaxStoredResponseBytes.")]
    [Range(0, 16 * 1024 * 1024)]
    public int MaxReadResponseBytes { get; set; } = 64 * 1024;

    /// <exception cref="ValidationException">An entry of <see cref="AllowNetworks"/> is no network.</exception>
    public AllowedNetworks ParseAllowNetworks() =>
        AllowedNetworks.TryParse(AllowNetworks, out var networks, out var problem) ? networks : throw new ValidationException($"{nameof(AllowNetworks)}: {problem}");

    /// <exception cref="ValidationException"><see cref="Proxy"/> is no address of a proxy.</exception>
    internal ProxyAddress? ParseProxy() =>
        string.IsNullOrEmpty(Proxy) ? null : ProxyAddress.Parse(Proxy) ?? throw new ValidationException($"{nameof(Proxy)}: {ProxyProblem}");

    private const string ProxyProblem = "must be http://host:port or http://user:password@host:port, without a path";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!AllowedNetworks.TryParse(AllowNetworks, out _, out var problem))
        {
            yield return new ValidationResult($"{nameof(AllowNetworks)}: {problem}", [nameof(AllowNetworks)]);
        }

        if (!string.IsNullOrEmpty(Proxy) && ProxyAddress.Parse(Proxy) is null)
        {
            yield return new ValidationResult($"{nameof(Proxy)}: {ProxyProblem}", [nameof(Proxy)]);
        }

        if (!string.IsNullOrEmpty(AwsStsUrl) && !(Uri.TryCreate(AwsStsUrl, UriKind.Absolute, out var sts) && sts is { Scheme: "https" or "http", PathAndQuery: "/", UserInfo: "" }))
        {
            yield return new ValidationResult($"{nameof(AwsStsUrl)}: must be https://host or https://host:port, without a path", [nameof(AwsStsUrl)]);
        }

        if (MaxReadResponseBytes < MaxStoredResponseBytes)
        {
            yield return new ValidationResult($"{nameof(MaxReadResponseBytes)} must be at least {nameof(MaxStoredResponseBytes)}.", [nameof(MaxReadResponseBytes)]);
        }
    }
}
