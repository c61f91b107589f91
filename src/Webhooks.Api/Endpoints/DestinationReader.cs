using Webhooks.Api.Http;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Api.Endpoints;

/// <summary>Reads <c>destination</c>, whose fields follow from its <c>kind</c>.</summary>
internal sealed class DestinationReader(EgressOptions egress, SecretSealer sealer)
{
    private static readonly string[] Kinds = ["sqs", "sns", "rabbitmq"];
    private static readonly string[] AccessKinds = ["keys", "web_identity"];

    private static readonly string[] AllFields =
        ["queue_url", "topic_arn", "region", "endpoint_url", "access", "message_group", "encoding", "url", "user", "password", "exchange", "routing_key"];

    private static readonly string[] AllAccessFields = ["access_key_id", "secret_access_key", "role_arn"];

    private readonly AllowedNetworks _allowed = egress.ParseAllowNetworks();

    /// <param name="present">What the webhook has: <c>[redacted]</c> keeps its secret.</param>
    /// <returns>Null when it is missing or null, or breaks a rule.</returns>
    public Destination? Read(WebhookId webhook, Fields body, Destination? present)
    {
        if (body.OptionalObject(DestinationRules.Field) is not { } fields)
        {
            return null;
        }

        var kind = fields.String("kind", 1, 40);
        var read = kind switch
        {
            "sqs" => ReadSqs(webhook, body, fields, present as AwsDestination),
            "sns" => ReadSns(webhook, body, fields, present as AwsDestination),
            "rabbitmq" => ReadRabbitMq(webhook, body, fields, present as RabbitMqDestination),
            _ => RefuseKind(fields, kind, Kinds, AllFields),
        };
        if (read is Destination destination)
        {
            body.Refuse(DestinationRules.Refuse(destination, _allowed, egress.HttpsOnly, !string.IsNullOrEmpty(egress.AwsWebIdentityTokenFile)));
            return destination;
        }

        return null;
    }

    private SqsDestination? ReadSqs(WebhookId webhook, Fields body, Fields fields, AwsDestination? present)
    {
        var url = fields.String("queue_url", 1, UrlRules.MaxLength);
        var region = ReadRegion(
            body, fields, url, Uri.TryCreate(url, UriKind.Absolute, out var uri) ? AwsNames.RegionOfQueue(uri) : null,
            UrlRules.Refuse(url, _allowed, $"{DestinationRules.Field}.queue_url", egress.HttpsOnly));
        var (endpoint, group, encoding) = ReadAws(fields);
        return ReadAccess(webhook, fields, present?.Access) is { } access && url.Length > 0 && region.Length > 0
            ? new SqsDestination(url, region, access) { EndpointUrl = endpoint, MessageGroup = group, Encoding = encoding }
            : null;
    }

    private SnsDestination? ReadSns(WebhookId webhook, Fields body, Fields fields, AwsDestination? present)
    {
        var arn = fields.String("topic_arn", 1, DestinationRules.MaxArnLength);
        var region = ReadRegion(body, fields, arn, AwsNames.RegionOfTopic(arn), DestinationRules.RefuseTopicArn(arn));
        var (endpoint, group, encoding) = ReadAws(fields);
        return ReadAccess(webhook, fields, present?.Access) is { } access && arn.Length > 0 && region.Length > 0
            ? new SnsDestination(arn, region, access) { EndpointUrl = endpoint, MessageGroup = group, Encoding = encoding }
            : null;
    }

    /// <param name="address">Without one it is the address that is missing, not the region.</param>
    /// <param name="told">By the address; null where it tells none.</param>
    /// <param name="fault">Of the address: one that is none has no region to be asked for.</param>
    private static string ReadRegion(Fields body, Fields fields, string address, string? told, Refusal? fault)
    {
        var given = fields.OptionalString("region", 1, 40);
        if (given is null && told is null && address.Length > 0 && fields.Presence("region") != Presence.Value)
        {
            body.Refuse(fault ?? Refusal.Invalid($"{DestinationRules.Field}.region", "field.required", "Is required: the address does not tell it."));
        }

        return given ?? told ?? "";
    }

    private static (string? Endpoint, MessageGroup? Group, BodyEncoding Encoding) ReadAws(Fields fields) =>
        (fields.OptionalString("endpoint_url", 1, UrlRules.MaxLength), fields.OptionalEnum<MessageGroup>("message_group"), fields.OptionalEnum<BodyEncoding>("encoding") ?? BodyEncoding.Text);

    private AwsAccess? ReadAccess(WebhookId webhook, Fields fields, AwsAccess? present)
    {
        if (fields.OptionalObject("access") is not { } access)
        {
            if (fields.Presence("access") != Presence.Value)
            {
                fields.Refuse("access", "field.required", "Is required.");
            }

            return null;
        }

        var kind = access.String("kind", 1, 40);
        switch (kind)
        {
            case "keys":
                var id = access.String("access_key_id", 1, 128);
                var secret = ReadSecret(access, "secret_access_key", (present as AwsKeys)?.SecretAccessKey, webhook);
                return secret is null ? null : new AwsKeys(id, sealer.Seal(secret, webhook.ToString()));
            case "web_identity":
                return new AwsWebIdentity(access.String("role_arn", 1, DestinationRules.MaxArnLength));
            default:
                RefuseKind(access, kind, AccessKinds, AllAccessFields);
                return null;
        }
    }

    private RabbitMqDestination? ReadRabbitMq(WebhookId webhook, Fields body, Fields fields, RabbitMqDestination? present)
    {
        var url = fields.String("url", 1, UrlRules.MaxLength);
        var user = fields.String("user", 1, DestinationRules.MaxShortString);
        var exchange = fields.OptionalString("exchange", 0, DestinationRules.MaxShortString) ?? "";
        var routingKey = fields.OptionalString("routing_key", 0, DestinationRules.MaxShortString);
        var refusal = url.Length == 0 ? null : UrlRules.RefuseBroker(url, _allowed, $"{DestinationRules.Field}.url", egress.HttpsOnly);
        body.Refuse(refusal);
        var broker = url.Length == 0 || refusal is not null ? null : BrokerUrl.Parse(url);
        if (broker is null && url.Length > 0 && refusal is null)
        {
            fields.Refuse("url", "url.broker", "Its path must be one virtual host, escaped: amqps://mq.example.com/orders.");
        }

        var secret = ReadSecret(fields, "password", present?.Password, webhook, broker is null || IsAt(present, broker, user));
        return broker is null || secret is null
            ? null
            : new RabbitMqDestination(broker.Host, broker.Port, broker.Tls, broker.Vhost, user, sealer.Seal(secret, webhook.ToString()), exchange, routingKey);
    }

    private static bool IsAt(RabbitMqDestination? present, BrokerUrl broker, string user) =>
        present is not null && (present.Host, present.Port, present.Tls, present.User) == (broker.Host, broker.Port, broker.Tls, user);

    /// <param name="mayKeep">Whether it goes where it went before: a password kept for another host would be told to that one.</param>
    private string? ReadSecret(Fields fields, string name, SealedSecret? present, WebhookId webhook, bool mayKeep = true)
    {
        var given = fields.OptionalString(name, 1, DestinationRules.MaxSecretLength);
        if (fields.Presence(name) != Presence.Value)
        {
            fields.Refuse(name, "field.required", "Is required.");
        }

        if (given != HeaderAnswer.Redacted)
        {
            return given;
        }

        if (present is not { } kept || !mayKeep)
        {
            fields.Refuse(name, "destination.redacted", present is null
                ? $"'{HeaderAnswer.Redacted}' keeps the secret that the webhook has, and it has none of this kind."
                : "With another address or user, the password has to be given anew.");
            return null;
        }

        return sealer.Open(kept, webhook.ToString());
    }

    private static Destination? RefuseKind(Fields fields, string kind, string[] kinds, string[] all)
    {
        // Which of the others belong here nobody knows, so none of them is called unknown.
        Array.ForEach(all, name => fields.Presence(name));
        if (kind.Length > 0)
        {
            fields.Refuse("kind", "field.value", $"Must be one of {string.Join(", ", kinds)}.{DidYouMean.Hint(kind, kinds)}");
        }

        return null;
    }
}
