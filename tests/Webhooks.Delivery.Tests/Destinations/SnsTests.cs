using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Messages to topics, as the topic's side sees them.</summary>
public sealed class SnsTests : IAsyncLifetime
{
    private readonly AwsEmulator _aws = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _aws.DisposeAsync();

    [Fact]
    public async Task A_message_arrives_as_it_is_with_its_headers_as_attributes()
    {
        const string Body = """{"a":"x&y=z+1 %20 <é>"}""";
        var result = await Targets.Send(Targets.Message(Targets.Topic(_aws), Body, null, new Header("X-SIGNATURE", "ab+12==")));
        Assert.Equal((null, 200), (result.Failure, result.StatusCode));
        var form = Assert.Single(_aws.Published);
        Assert.Equal(("Publish", "2010-03-31", "arn:aws:sns:eu-west-1:123456789012:orders", Body), (form["Action"], form["Version"], form["TopicArn"], form["Message"]));
        Assert.Equal(("webhook-id", "String", "evt_1"), (form["MessageAttributes.entry.1.Name"], form["MessageAttributes.entry.1.Value.DataType"], form["MessageAttributes.entry.1.Value.StringValue"]));
        Assert.Equal(("x-signature", "ab+12=="), (form["MessageAttributes.entry.2.Name"], form["MessageAttributes.entry.2.Value.StringValue"]));
        Assert.DoesNotContain("MessageGroupId", form.Keys);
    }

    [Fact]
    public async Task A_FIFO_topic_gets_group_and_deduplication()
    {
        await Targets.Send(Targets.Message(Targets.Topic(_aws, "orders.fifo"), orderingKey: "order-17"));
        var form = Assert.Single(_aws.Published);
        Assert.Equal(("order-17", "dlv_1"), (form["MessageGroupId"], form["MessageDeduplicationId"]));
    }

    [Theory]
    [InlineData(404, "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>no</Message></Error></ErrorResponse>", 404, "SNS answered 404 (NotFound).")]
    [InlineData(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", 429, "SNS answered 400 (Throttling).")]
    [InlineData(503, "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><Code>&a;</Code>", 503, "SNS answered 503.")]
    public async Task A_refusal_is_told_by_its_code_alone(int status, string body, int recorded, string detail)
    {
        _aws.Refuse = _ => (status, body);
        var result = await Targets.Send(Targets.Message(Targets.Topic(_aws)));
        Assert.Equal((FailureClass.Status, recorded, detail), (result.Failure, result.StatusCode, result.Detail));
    }

    [Fact]
    public async Task Without_an_endpoint_it_goes_to_the_regions_own()
    {
        var dialled = "";
        using var egress = new Delivery.Sending.EgressClient(new Delivery.Sending.EgressOptions(), TimeProvider.System, (name, _) =>
        {
            dialled = name;
            return Task.FromResult(new[] { System.Net.IPAddress.Loopback });
        });
        await using var destinations = new Delivery.Destinations.DestinationSet(egress, TimeProvider.System);
        var target = Targets.Topic(_aws, with: t => t with { EndpointUrl = null });
        var result = await destinations.For(target).Send(Targets.Message(target), TestContext.Current.CancellationToken);
        Assert.Equal(("sns.eu-west-1.amazonaws.com", FailureClass.Blocked), (dialled, result.Failure));
    }
}
