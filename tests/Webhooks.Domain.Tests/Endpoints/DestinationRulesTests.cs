using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using static Webhooks.Domain.Tests.Sample;

namespace Webhooks.Domain.Tests.Endpoints;

public sealed class DestinationRulesTests
{
    private static readonly AwsKeys Keys = new("AKIDEXAMPLE", Secret(1));
    private static readonly SqsDestination Queue = new("https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "eu-west-1", Keys);
    private static readonly SnsDestination Topic = new("arn:aws:sns:eu-west-1:123456789012:orders", "eu-west-1", Keys);
    private static readonly RabbitMqDestination Broker = new("mq.example.com", 5671, Tls: true, "/", "user", Secret(1), "events", null);
    private static readonly AwsWebIdentity Role = new("arn:aws:iam::123456789012:role/path/Webhooks");

    public static TheoryData<Destination> Good => [Queue, Queue with { QueueUrl = $"{Queue.QueueUrl}.fifo" }, Queue with { QueueUrl = "https://queue.example.com/q" }, Topic, Broker, Broker with { Exchange = "", RoutingKey = "q" }];

    public static TheoryData<Destination, string> Bad => new()
    {
        { Queue with { QueueUrl = "http://127.0.0.1/1/q" }, "url.blocked" },
        { Queue with { QueueUrl = "https://sqs.eu-west-1.amazonaws.com/" }, "destination.queue_url" },
        { Queue with { QueueUrl = $"{Queue.QueueUrl}?x" }, "destination.queue_url" },
        { Queue with { Region = "eu-west-2" }, "destination.region" },
        { Queue with { QueueUrl = "https://queue.example.com/q", Region = "evil.example/x-1" }, "destination.region" },
        { Queue with { EndpointUrl = "https://169.254.169.254" }, "url.blocked" },
        { Queue with { EndpointUrl = "https://sqs.example.com/path" }, "destination.endpoint_url" },
        { Queue with { Access = Keys with { AccessKeyId = "a b" } }, "destination.access_key_id" },
        { Queue with { Access = Role }, "destination.web_identity" },
        { Queue with { Access = new AwsWebIdentity("role") }, "destination.role_arn" },
        { Topic with { TopicArn = "arn:aws:sqs:eu-west-1:123456789012:orders" }, "destination.topic_arn" },
        { Topic with { Region = "eu-west-2" }, "destination.region" },
        { Broker with { Exchange = "", RoutingKey = null }, "destination.routing_key" },
        { Broker with { Exchange = new string('ä', 128) }, "destination.length" },
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void A_destination_as_its_vendor_names_it_is_taken(Destination destination) =>
        Assert.Null(DestinationRules.Refuse(destination, AllowedNetworks.None, httpsOnly: true, hasIdentity: false));

    [Theory]
    [MemberData(nameof(Bad))]
    public void Anything_else_is_refused_by_the_rule_it_breaks(Destination destination, string code) =>
        Assert.Equal(code, DestinationRules.Refuse(destination, AllowedNetworks.None, httpsOnly: false, hasIdentity: false)?.Code);

    [Fact]
    public void A_role_needs_an_installation_with_an_identity() =>
        Assert.Null(DestinationRules.Refuse(Queue with { Access = Role }, AllowedNetworks.None, httpsOnly: true, hasIdentity: true));

    [Fact]
    public void What_only_HTTP_has_is_refused_beside_a_queue()
    {
        var configuration = Configuration with { Destination = Queue, Url = Queue.Url };
        Assert.Null(DestinationRules.RefuseBeside(configuration));
        Assert.Null(DestinationRules.RefuseBeside(Configuration with { Method = "GET" }));
        Assert.Equal("destination.method", Code(configuration with { Method = "PUT" }));
        Assert.Equal("destination.auth", Code(configuration with { Auth = new BearerAuth(Secret(1)) }));
        Assert.Equal("destination.http_version", Code(configuration with { Transport = new Transport(HttpVersion: HttpVersionChoice.Http2) }));
        Assert.Equal("destination.compression", Code(configuration with { Transport = new Transport(Compression: BodyCompression.Gzip) }));
        Assert.Null(Code(configuration with { Transport = new Transport(Compression: BodyCompression.Gzip), Destination = Queue with { Encoding = BodyEncoding.Base64 } }));
        Assert.Equal("destination.headers", Code(configuration with { Headers = Enumerable.Range(0, 4).Select(i => new CustomHeader($"x-{i}", Secret(1), false)).ToArray() }));
        SignatureSettings[] many = [new(SignatureScheme.Standard), new(SignatureScheme.Stripe), new(SignatureScheme.GitHub), new(SignatureScheme.GetStream)];
        Assert.Null(Code(configuration with { Signatures = many[..3], Headers = Array.Empty<CustomHeader>() }));
        Assert.Equal("destination.attributes", Code(configuration with { Signatures = many, Headers = Array.Empty<CustomHeader>() }));

        static string? Code(WebhookConfiguration configuration) => DestinationRules.RefuseBeside(configuration)?.Code;
    }

    [Theory]
    [InlineData("X-Tenant", "7", null)]
    [InlineData("X.Tenant_1", "7", null)]
    [InlineData("X+Tenant", "7", "destination.header_name")]
    [InlineData("AWS.Tenant", "7", "destination.header_name")]
    [InlineData("X..Tenant", "7", "destination.header_name")]
    [InlineData("X-Tenant", "", "destination.header_value")]
    public void Headers_must_be_attributes_that_Amazon_takes(string name, string value, string? code) =>
        Assert.Equal(code, DestinationRules.RefuseHeader(Queue, name, value, "headers[0]")?.Code);

    [Theory]
    [InlineData("amqps://mq.example.com", null)]
    [InlineData("amqp://mq.example.com:5672/orders", null)]
    [InlineData("amqps://mq.example.com:5671/%2F", null)]
    [InlineData("https://mq.example.com", "url.scheme")]
    [InlineData("amqps:mq.example.com", "url.scheme")]
    [InlineData("amqps://user:pass@mq.example.com", "url.userinfo")]
    [InlineData("amqps://mq.example.com?heartbeat=1", "url.broker")]
    [InlineData("amqps://mq.example.com#x", "url.fragment")]
    [InlineData("amqps://127.0.0.1", "url.blocked")]
    [InlineData("amqps://0x7f.1", "url.host")]
    [InlineData("amqps://localhost", "url.blocked")]
    [InlineData("amqps://metadata.google.internal", "url.blocked")]
    [InlineData("amqps://mq.example.com:6379", "url.port")]
    [InlineData("amqps://mq.example.com:22", "url.port")]
    public void A_brokers_URL_is_judged_as_a_webhooks_is(string url, string? code) =>
        Assert.Equal(code, UrlRules.RefuseBroker(url, AllowedNetworks.None, "url")?.Code);

    [Fact]
    public void A_broker_has_user_and_password_in_fields_of_their_own() =>
        Assert.Equal("Must hold no user name or password; they stand in user and password.", UrlRules.RefuseBroker("amqps://user:pass@mq.example.com", AllowedNetworks.None, "url")?.Detail);

    [Fact]
    public void Where_only_TLS_is_sent_a_broker_needs_it_too() =>
        Assert.Equal("url.https_only", UrlRules.RefuseBroker("amqp://mq.example.com", AllowedNetworks.None, "url", tlsOnly: true)?.Code);

    [Theory]
    [InlineData("https://sqs.eu-west-1.amazonaws.com/1/q", "eu-west-1")]
    [InlineData("https://sqs-fips.us-gov-west-1.amazonaws.com/1/q", "us-gov-west-1")]
    [InlineData("https://us-east-2.queue.amazonaws.com/1/q", "us-east-2")]
    [InlineData("https://vpce-1a-2b.sqs.us-east-1.vpce.amazonaws.com/1/q", "us-east-1")]
    [InlineData("https://sqs.cn-north-1.amazonaws.com.cn/1/q", "cn-north-1")]
    [InlineData("https://sqs.eu-west-1.amazonaws.com.example.org/1/q", null)]
    public void A_queues_host_tells_its_region(string url, string? region) => Assert.Equal(region, AwsNames.RegionOfQueue(new Uri(url)));

    [Fact]
    public void A_region_that_is_none_makes_no_address()
    {
        Assert.Equal("https://sts.cn-north-1.amazonaws.com.cn/", AwsNames.Endpoint("sts", "cn-north-1").ToString());
        Assert.Throws<ArgumentException>(() => AwsNames.Endpoint("sts", "x@evil.example/"));
    }
}
