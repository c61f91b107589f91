using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Delivery.Destinations;

/// <summary>A webhook's destination, secrets opened: made once per change, shared by its deliveries.</summary>
/// <param name="Webhook">Its sid: what messages have in common where nothing else groups them.</param>
public abstract record QueueTarget(string Webhook)
{
    /// <param name="company">Whose webhook it is.</param>
    /// <exception cref="CannotOpenSecretException">Its secret was sealed elsewhere.</exception>
    public static QueueTarget Open(Destination destination, WebhookId webhook, CompanyId company, SecretSealer sealer) => destination switch
    {
        AwsDestination aws => new AwsTarget(webhook.ToString(), aws, aws.Access switch
        {
            AwsKeys keys => new AwsKeyPair(keys.AccessKeyId, sealer.Open(keys.SecretAccessKey, webhook.ToString())),
            AwsWebIdentity role => new AwsRole(role.RoleArn, company.ToString()),
            _ => throw new ArgumentOutOfRangeException(nameof(destination), "No way to open this kind of access."),
        }),
        RabbitMqDestination rabbit => new RabbitMqTarget(webhook.ToString(), rabbit, sealer.Open(rabbit.Password, webhook.ToString())),
        _ => throw new ArgumentOutOfRangeException(nameof(destination), "No way to open this kind."),
    };

    /// <summary>Leaves secrets out of logs.</summary>
    public sealed override string ToString() => GetType().Name;
}

public sealed record AwsTarget(string Webhook, AwsDestination Destination, AwsIdentity Identity) : QueueTarget(Webhook);

public sealed record RabbitMqTarget(string Webhook, RabbitMqDestination Destination, string Password) : QueueTarget(Webhook);

/// <summary>In whose name a request to Amazon is signed.</summary>
public abstract record AwsIdentity
{
    /// <summary>Leaves secrets out of logs.</summary>
    public sealed override string ToString() => GetType().Name;
}

public sealed record AwsKeyPair(string AccessKeyId, string SecretAccessKey) : AwsIdentity;

/// <param name="SessionName">The company's sid: what a trust policy can ask for.</param>
public sealed record AwsRole(string RoleArn, string SessionName) : AwsIdentity;
