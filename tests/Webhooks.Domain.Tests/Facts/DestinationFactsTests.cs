using System.Text;
using Webhooks.Domain.Endpoints;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Facts;

public sealed class DestinationFactsTests
{
    public static TheoryData<Destination, string> Forms => new()
    {
        {
            new SqsDestination("https://sqs.eu-west-1.amazonaws.com/1/q", "eu-west-1", new AwsKeys("AKID", Secret(1))),
            """{"kind":"sqs","queue_url":"https://sqs.eu-west-1.amazonaws.com/1/q","region":"eu-west-1","access":{"kind":"keys","access_key_id":"AKID","secret_access_key":"sealed:1"}}"""
        },
        {
            new SnsDestination("arn:aws:sns:eu-west-1:1:t", "eu-west-1", new AwsWebIdentity("arn:r")) { EndpointUrl = "https://sns.example.com", MessageGroup = MessageGroup.EventType, Encoding = BodyEncoding.Base64 },
            """{"kind":"sns","topic_arn":"arn:aws:sns:eu-west-1:1:t","region":"eu-west-1","access":{"kind":"web_identity","role_arn":"arn:r"},"endpoint_url":"https://sns.example.com","message_group":"event_type","encoding":"base64"}"""
        },
        {
            new RabbitMqDestination("mq.example.com", 5671, true, "/", "user", Secret(1), "events", null),
            """{"kind":"rabbitmq","host":"mq.example.com","port":5671,"tls":true,"vhost":"/","user":"user","password":"sealed:1","exchange":"events"}"""
        },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_destination_stands_in_its_fact_and_comes_back_the_same(Destination destination, string form)
    {
        var fact = new WebhookUpdated(Configuration with { Url = destination.Url, Destination = destination });
        var json = FactCatalogue.Serialize(fact);
        var stored = System.Text.Json.Nodes.JsonNode.Parse(json)!["configuration"]!["destination"];
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(form), stored), Encoding.UTF8.GetString(json));
        Assert.Equal(fact, FactCatalogue.Deserialize("webhook.updated.v1", json));
    }

    [Fact]
    public void A_webhook_without_one_says_nothing_of_it() =>
        Assert.DoesNotContain("destination", Encoding.UTF8.GetString(FactCatalogue.Serialize(Created)), StringComparison.Ordinal);

    [Fact]
    public void A_brokers_address_holds_no_password() =>
        Assert.Equal("amqps://[2001:db8::1]:5671/%2F", new RabbitMqDestination("2001:db8::1", 5671, true, "/", "user", Secret(1), "", "q").Url);
}
