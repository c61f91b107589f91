using System.IO.Compression;
using System.Net;
using System.Text;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Sending;
using Webhooks.Delivery.Tests.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Messages to queues, as the queue's side sees them, and what its answers come to.</summary>
public sealed class SqsTests : IAsyncLifetime
{
    private readonly AwsEmulator _aws = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _aws.DisposeAsync();

    [Fact]
    public async Task A_message_arrives_as_it_is_with_its_headers_as_attributes()
    {
        const string Body = """{"n":12345678901234567890.0,"s":"<é> \u0001 \"" }""";
        var result = await Targets.Send(Targets.Message(Targets.Queue(_aws), Body, null, new Header("Webhook-Signature", "v1,a+b/c="), new Header("X-SIGNATURE", "ab12")));
        Assert.Equal((null, 200), (result.Failure, result.StatusCode));
        var message = Assert.Single(_aws.Queued);
        Assert.Equal(($"{_aws.Url}/123456789012/orders", Body), ((string?)message["QueueUrl"], (string?)message["MessageBody"]));
        Assert.Equal(
            ["content-type=application/json", "webhook-id=evt_1", "webhook-signature=v1,a+b/c=", "x-signature=ab12"],
            message["MessageAttributes"]!.AsObject().Select(a => $"{a.Key}={a.Value!["StringValue"]}").Order(StringComparer.Ordinal));
        Assert.All(message["MessageAttributes"]!.AsObject(), a => Assert.Equal("String", (string?)a.Value!["DataType"]));
        Assert.Equal((null, null), ((string?)message["MessageGroupId"], (string?)message["MessageDeduplicationId"]));
        Assert.Contains("5fea7756", Encoding.UTF8.GetString(result.ResponseBody), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_beyond_ASCII_is_signed_as_it_is_sent()
    {
        using var egress = Sends.ClientResolving(() => [IPAddress.Loopback], "127.0.0.0/8");
        await using var destinations = new DestinationSet(egress, TimeProvider.System);
        var target = Targets.Queue(_aws, with: q => q with { QueueUrl = q.QueueUrl.Replace("127.0.0.1", "bücher.example", StringComparison.Ordinal) });

        var result = await destinations.For(target).Send(Targets.Message(target), TestContext.Current.CancellationToken);

        Assert.Equal((null, 200), (result.Failure, result.StatusCode));
        Assert.Contains("xn--bcher-kva.example", _aws.Requests.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "wh_1")]
    [InlineData(null, "order-17", "order-17")]
    [InlineData(MessageGroup.EventType, "order-17", "order.paid")]
    [InlineData(MessageGroup.Webhook, "order-17", "wh_1")]
    [InlineData(MessageGroup.OrderingKey, "with space", "b8b8f25a5fc711caea1cfebfe02359e3ce2b9a8f9ce02d18fdcb1ba47ff095f1")]
    public async Task A_FIFO_queue_gets_group_and_deduplication(MessageGroup? group, string? key, string expected)
    {
        await Targets.Send(Targets.Message(Targets.Queue(_aws, "orders.fifo", with: q => q with { MessageGroup = group }), orderingKey: key));
        var message = Assert.Single(_aws.Queued);
        Assert.Equal(("dlv_1", expected), ((string?)message["MessageDeduplicationId"], (string?)message["MessageGroupId"]));
    }

    [Fact]
    public async Task A_standard_queue_gets_a_group_where_it_is_asked_for_and_no_deduplication()
    {
        await Targets.Send(Targets.Message(Targets.Queue(_aws, with: q => q with { MessageGroup = MessageGroup.EventType })));
        var message = Assert.Single(_aws.Queued);
        Assert.Equal(("order.paid", null), ((string?)message["MessageGroupId"], (string?)message["MessageDeduplicationId"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_base64_the_body_is_canonical_and_compressed_where_it_is_asked_for(bool gzip)
    {
        var request = Targets.Message(Targets.Queue(_aws, with: q => q with { Encoding = BodyEncoding.Base64 }), """{"type":"message.new"}""") with { Options = new SendOptions(Gzip: gzip) };
        await Targets.Send(request);
        var body = (string)Assert.Single(_aws.Queued)["MessageBody"]!;
        Assert.Matches("^[A-Za-z0-9+/]*={0,2}$", body);
        Assert.Equal(0, body.Length % 4);
        await using Stream stream = gzip ? new GZipStream(new MemoryStream(Convert.FromBase64String(body)), CompressionMode.Decompress) : new MemoryStream(Convert.FromBase64String(body));
        Assert.Equal("""{"type":"message.new"}""", await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(400, """{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}""", 400, "SQS answered 400 (QueueDoesNotExist).")]
    [InlineData(400, """{"__type":"com.amazonaws.sqs#RequestThrottled"}""", 429, "SQS answered 400 (RequestThrottled).")]
    [InlineData(500, "<html>", 500, "SQS answered 500.")]
    [InlineData(403, """{"__type":"what <ever> it says"}""", 403, "SQS answered 403.")]
    public async Task A_refusal_is_told_by_its_code_alone(int status, string body, int recorded, string detail)
    {
        _aws.Refuse = _ => (status, body);
        var result = await Targets.Send(Targets.Message(Targets.Queue(_aws)));
        Assert.Equal((FailureClass.Status, recorded, detail), (result.Failure, result.StatusCode, result.Detail));
        Assert.Equal(body, Encoding.UTF8.GetString(result.ResponseBody));
    }

    [Theory]
    [InlineData("<html>Welcome to this hotel</html>")]
    [InlineData("""{"MessageId":"\ud800"}""")]
    public async Task Who_answers_200_without_an_id_has_taken_nothing(string answer)
    {
        _aws.Refuse = _ => (200, answer);
        var result = await Targets.Send(Targets.Message(Targets.Queue(_aws)));
        Assert.Equal((FailureClass.Protocol, "SQS answered 200 without a message's id."), (result.Failure, result.Detail));
    }

    [Fact]
    public async Task A_key_that_is_not_right_is_refused_by_the_other_side()
    {
        var result = await Targets.Send(Targets.Message(Targets.Queue(_aws, identity: Targets.Keys with { SecretAccessKey = "other" })));
        Assert.Equal((FailureClass.Status, 403, "SQS answered 403 (InvalidSignatureException)."), (result.Failure, result.StatusCode, result.Detail));
        Assert.Empty(_aws.Queued);
    }

    [Fact]
    public async Task A_queue_in_a_network_that_is_not_allowed_is_not_dialled()
    {
        var result = await Targets.Send(Targets.Message(Targets.Queue(_aws)), new EgressOptions());
        Assert.Equal(FailureClass.Blocked, result.Failure);
        Assert.Empty(_aws.Requests);
    }

    [Fact]
    public async Task More_attributes_than_ten_give_up_what_a_receiver_can_do_without_first()
    {
        Header[] nine = [.. Enumerable.Range(0, 9).Select(i => new Header($"x-{i}", "v"))];
        Assert.Null((await Targets.Send(Targets.Message(Targets.Queue(_aws), headers: nine))).Failure);
        var attributes = Assert.Single(_aws.Queued)["MessageAttributes"]!.AsObject().Select(a => a.Key).ToArray();
        Assert.Equal(10, attributes.Length);
        Assert.DoesNotContain("content-type", attributes);

        var result = await Targets.Send(Targets.Message(Targets.Queue(_aws), headers: [.. nine, new Header("x-9", "v")]));
        Assert.Equal(FailureClass.Internal, result.Failure);
        Assert.Single(_aws.Queued);
    }

    [Fact]
    public async Task What_is_kept_of_an_answer_is_as_long_as_the_installation_keeps_answers()
    {
        var result = await Targets.Send(Targets.Message(Targets.Queue(_aws)), new EgressOptions { AllowNetworks = ["127.0.0.0/8"], MaxStoredResponseBytes = 4 });
        Assert.Null(result.Failure);
        Assert.Equal((4, true), (result.ResponseBody.Length, result.ResponseTruncated));
    }
}
