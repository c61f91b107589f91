using System.Text;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Destinations and requests as these tests use them.</summary>
internal static class Targets
{
    public static readonly AwsKeyPair Keys = new(AwsEmulator.AccessKeyId, AwsEmulator.Secret);
    public static readonly AwsKeys SealedKeys = new(AwsEmulator.AccessKeyId, new SealedSecret("sealed:1"));

    public static AwsTarget Queue(AwsEmulator aws, string name = "orders", AwsIdentity? identity = null, Func<SqsDestination, SqsDestination>? with = null)
    {
        var queue = new SqsDestination($"{aws.Url}/123456789012/{name}", "eu-west-1", SealedKeys);
        return new("wh_1", with?.Invoke(queue) ?? queue, identity ?? Keys);
    }

    public static AwsTarget Topic(AwsEmulator aws, string name = "orders", Func<SnsDestination, SnsDestination>? with = null)
    {
        var topic = new SnsDestination($"arn:aws:sns:eu-west-1:123456789012:{name}", "eu-west-1", SealedKeys) { EndpointUrl = aws.Url };
        return new("wh_1", with?.Invoke(topic) ?? topic, Keys);
    }

    public static OutgoingRequest Message(QueueTarget target, string body = "{}", string? orderingKey = null, params Header[] headers) =>
        new(new Uri("about:blank"), "POST", [new("User-Agent", "Webhooks/1"), new("webhook-id", "evt_1"), .. headers, new("Content-Type", "application/json")], Encoding.UTF8.GetBytes(body), TimeSpan.FromSeconds(30))
        {
            Message = new OutgoingMessage(target, "order.paid", "dlv_1", orderingKey),
        };

    public static async Task<SendResult> Send(OutgoingRequest request, EgressOptions? options = null, TimeProvider? time = null)
    {
        using var egress = new EgressClient(options ?? new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, time ?? TimeProvider.System);
        await using var destinations = new DestinationSet(egress, time ?? TimeProvider.System);
        return await destinations.For(request.Message!.Target).Send(request, TestContext.Current.CancellationToken);
    }
}
