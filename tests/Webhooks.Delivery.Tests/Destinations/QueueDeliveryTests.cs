using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>A whole node with a webhook that goes to a queue: retries, audit and resends are those of every webhook.</summary>
public sealed class QueueDeliveryTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private readonly AwsEmulator _aws = new();
    private EgressClient _egress = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        var signal = new LogSignal(TimeProvider.System);
        _egress = new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System);
        _node = new DeliveryNode(
            installation.DataSource, installation.Store(signal), signal, new DatabaseClock(TimeProvider.System), installation.Sealer, _egress,
            Installation.Patient, TimeProvider.System, NullLoggerFactory.Instance);
        await _node.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _egress.Dispose();
        await _aws.DisposeAsync();
    }

    private async Task<(WebhookId Webhook, CompanyId Company)> Register()
    {
        var company = new CompanyId(Guid.CreateVersion7());
        var webhook = await installation.Register(new Uri("https://example.com/"), company: company);
        var url = $"{_aws.Url}/123456789012/orders.fifo";
        var queue = new SqsDestination(url, "eu-west-1", new AwsKeys(AwsEmulator.AccessKeyId, installation.Sealer.Seal(AwsEmulator.Secret, webhook.ToString())));
        var present = (WebhookCreated)(await installation.Facts(webhook.Value))[0];
        await installation.Change(webhook, new UpdateWebhook(present.Configuration with { Url = url, Destination = queue }), company);
        return (webhook, company);
    }

    private Task HasFacts(DeliveryId delivery, params Type[] types) => Eventually.Is(
        async () => (await installation.Facts(delivery.Value)).Select(f => f.GetType()).SequenceEqual(types), $"{delivery} has {string.Join(", ", types.Select(t => t.Name))}");

    [Fact]
    public async Task A_refused_message_is_tried_again_recorded_and_dropped_by_nobody_when_it_is_sent_again()
    {
        var refused = 0;
        _aws.Refuse = _ => Interlocked.Increment(ref refused) == 1 ? (400, """{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}""") : null;
        var (webhook, company) = await Register();
        const string Payload = """{ "n": 1.0 }""";
        var accepted = Assert.IsType<EmitOutcome.Accepted>(await _node.Acceptance.Emit(new EventToEmit(company, "order.paid", Encoding.UTF8.GetBytes(Payload), null, null, Guid.NewGuid()), default));
        var delivery = Assert.Single(accepted.Deliveries);
        await HasFacts(delivery, typeof(AttemptFailed), typeof(AttemptSucceeded));

        var failed = ((AttemptFailed)(await installation.Facts(delivery.Value))[0]).Attempt;
        Assert.Equal((FailureClass.Status, 400, "SQS answered 400 (QueueDoesNotExist)."), (failed.Failure, failed.StatusCode, failed.Detail));
        var message = Assert.Single(_aws.Queued);
        var attributes = message["MessageAttributes"]!;
        Assert.Equal(Payload, (string?)message["MessageBody"]);
        Assert.Equal((accepted.Message.ToString(), "2", "order.paid"), (Text("webhook-id"), Text("webhook-attempt"), Text("webhook-event-type")));
        var key = Convert.FromBase64String(installation.Secret["whsec_".Length..]);
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{accepted.Message}.{Text("webhook-timestamp")}.{Payload}"))), Text("webhook-signature"));
        Assert.Equal(delivery.ToString(), (string?)message["MessageDeduplicationId"]);

        Assert.Null(await _node.Resends.Resend(new DeliveryPlan(delivery, accepted.Message, webhook, company), WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default));
        await Eventually.Is(() => _aws.Queued.Count == 2, "the queue has the second message");
        Assert.StartsWith($"{delivery}-", (string?)_aws.Queued.Last()["MessageDeduplicationId"], StringComparison.Ordinal);

        string? Text(string name) => (string?)attributes[name]!["StringValue"];
    }

    [Fact]
    public async Task A_check_tells_whether_the_queue_takes_a_message_and_belongs_to_no_webhook()
    {
        var taken = await _node.Destinations.Check(Targets.Queue(_aws), "{}"u8.ToArray(), TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Null(taken.Failure);
        Assert.Equal("{}", (string?)Assert.Single(_aws.Queued)["MessageBody"]);
    }
}
