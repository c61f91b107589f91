using Webhooks.Delivery.Destinations.Aws;
using Webhooks.Delivery.Destinations.RabbitMq;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Destinations;

/// <summary>Every kind of destination that this node speaks to: a new kind is one line here.</summary>
public sealed class DestinationSet : IAsyncDisposable
{
    private readonly EgressClient _http;
    private readonly TimeProvider _time;
    private readonly SqsSender _sqs;
    private readonly SnsSender _sns;
    private readonly RabbitMqSender _rabbitMq;

    public DestinationSet(EgressClient http, TimeProvider time)
    {
        (_http, _time) = (http, time);
        var aws = new AwsClient(http, time);
        (_sqs, _sns, _rabbitMq) = (new SqsSender(aws, time), new SnsSender(aws), new RabbitMqSender(http, time));
    }

    /// <param name="target">Null: HTTP.</param>
    public IDestination For(QueueTarget? target) => target switch
    {
        null => _http,
        AwsTarget { Destination: SqsDestination } => _sqs,
        AwsTarget { Destination: SnsDestination } => _sns,
        RabbitMqTarget => _rabbitMq,
        _ => throw new ArgumentOutOfRangeException(nameof(target), "No destination for this kind."),
    };

    /// <summary>Sends one message that belongs to no webhook, to find out whether the queue takes it.</summary>
    /// <param name="timeout">Above zero, at most 60 s.</param>
    public Task<SendResult> Check(QueueTarget target, ReadOnlyMemory<byte> body, TimeSpan timeout, CancellationToken ct)
    {
        var request = new OutgoingRequest(new Uri("about:blank"), "POST", [new Header("Content-Type", RequestHeaders.ContentType)], body, timeout)
        {
            Message = new OutgoingMessage(target, "check", Guid.CreateVersion7(_time.GetUtcNow()).ToString(), null),
        };
        return For(target).Send(request, ct);
    }

    /// <summary>Of SQS, with messages under way.</summary>
    internal int BusyQueues => _sqs.BusyQueues;

    public ValueTask DisposeAsync() => _rabbitMq.DisposeAsync();
}
