using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Api.Endpoints;

/// <summary>What the fields of <c>destination</c> mean.</summary>
internal static class DestinationDocs
{
    private const string Access = """{"kind":"keys","access_key_id":"AKIAIOSFODNN7EXAMPLE","secret_access_key":"wJalr…"}""";

    private static readonly FieldDoc[] OfAmazon =
    [
        Documentation.Optional("region", "Amazon's. Left out, what the address tells; required where that tells none, such as an emulator's.").Within(1, 40),
        Documentation.Optional("endpoint_url", "Scheme, host and port in place of Amazon's: an emulator, a VPC endpoint. http or https.").Within(1, UrlRules.MaxLength),
        Documentation.Required("access", "As whom messages are sent.").OneOf(
            Documentation.Form(
                Access,
                Documentation.Required("kind", "An access key of the customer's.").Among("keys"),
                Documentation.Required("access_key_id", "The key's id, no secret.").Within(1, 128),
                Documentation.Required("secret_access_key", $"Always shown as {HeaderAnswer.Redacted}, which sent back keeps it.").Within(1, DestinationRules.MaxSecretLength)),
            Documentation.Form(
                """{"kind":"web_identity","role_arn":"arn:aws:iam::123456789012:role/webhooks"}""",
                Documentation.Required("kind", "A role that the installation assumes with its own identity, where it has one. The role's policy has to ask for the company's sid as session name.").Among("web_identity"),
                Documentation.Required("role_arn", "The role.").Within(1, DestinationRules.MaxArnLength))),
        Documentation.Optional("message_group", "What messages are grouped by. With FIFO ordering_key when left out; else none.").Among<MessageGroup>(),
        Documentation.Optional("encoding", "text; or base64, of the body, compressed where transport.compression says so, which needs it. text when left out.").Among<BodyEncoding>(),
    ];

    public static readonly FieldDoc[] Fields =
    [
        Documentation.Optional(DestinationRules.Field, $"Where events go when not by HTTP. Leave url, method and auth out beside it: url is then the destination's own. Signatures and headers travel as attributes of the message, with Amazon at most {DestinationRules.MaxAwsHeaders} headers of your own. Secrets are always shown as {HeaderAnswer.Redacted}, which sent back keeps them. HTTP, to url, when left out. See docs/destinations.md.").OneOf(
            Documentation.Form(
                $$"""{"kind":"sqs","queue_url":"https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo","region":"eu-west-1","endpoint_url":"https://sqs.example.com","access":{{Access}},"message_group":"ordering_key","encoding":"text"}""",
                [
                    Documentation.Required("kind", "A queue of Amazon SQS.").Among("sqs"),
                    Documentation.Required("queue_url", "The queue. A name ending in .fifo makes it FIFO.").Within(1, UrlRules.MaxLength),
                    .. OfAmazon,
                ]),
            Documentation.Form(
                $$"""{"kind":"sns","topic_arn":"arn:aws:sns:eu-west-1:123456789012:orders.fifo","region":"eu-west-1","endpoint_url":"https://sns.example.com","access":{{Access}},"message_group":"ordering_key","encoding":"text"}""",
                [
                    Documentation.Required("kind", "A topic of Amazon SNS.").Among("sns"),
                    Documentation.Required("topic_arn", "The topic. A name ending in .fifo makes it FIFO.").Within(1, DestinationRules.MaxArnLength),
                    .. OfAmazon,
                ]),
            Documentation.Form(
                """{"kind":"rabbitmq","url":"amqps://mq.example.com:5671/orders","user":"webhooks","password":"k7Qv…","exchange":"events","routing_key":"orders"}""",
                Documentation.Required("kind", "An exchange of RabbitMQ.").Among("rabbitmq"),
                Documentation.Required("url", "amqps://host:port/vhost or amqp://…, without user and query. Port 5671 or 5672 and virtual host / when left out.").Within(1, UrlRules.MaxLength),
                Documentation.Required("user", "As whom messages are published.").Within(1, DestinationRules.MaxShortString),
                Documentation.Required("password", $"Always shown as {HeaderAnswer.Redacted}, which sent back keeps it unless host, port or user change.").Within(1, DestinationRules.MaxSecretLength),
                Documentation.Optional("exchange", "Must be there; it is not declared. The default exchange when left out.").Within(0, DestinationRules.MaxShortString),
                Documentation.Optional("routing_key", "The event's type when left out. With the default exchange the queue's name, and required.").Within(0, DestinationRules.MaxShortString))),
    ];
}
