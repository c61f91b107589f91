using System.Security.Cryptography;
using System.Text;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>A request as a message of Amazon's: the same for queues and topics, whose protocols alone differ.</summary>
/// <param name="Body">Text in UTF-8.</param>
/// <param name="Group">Null: none.</param>
/// <param name="Deduplication">Null: none.</param>
internal sealed record AwsMessage(AwsTarget Target, ReadOnlyMemory<byte> Body, IReadOnlyList<Header> Attributes, string? Group, string? Deduplication)
{
    private const int MaxGroupLength = 128;

    public static readonly SendResult TooManyHeaders =
        new(null, FailureClass.Internal, $"The message has more than {MessageAttributes.MaxAws} headers that a receiver needs; nothing was sent.", [], [], false, TimeSpan.Zero);

    /// <returns>Null where it has more attributes than Amazon carries.</returns>
    public static AwsMessage? Of(OutgoingRequest request)
    {
        var message = request.Message!;
        var target = (AwsTarget)message.Target;
        return MessageAttributes.OfAws(request.Headers) is { } attributes
            ? new AwsMessage(target, BodyOf(request, target.Destination.Encoding), attributes, GroupOf(target, message), target.Destination.IsFifo ? message.Deduplication : null)
            : null;
    }

    private static ReadOnlyMemory<byte> BodyOf(OutgoingRequest request, BodyEncoding encoding)
    {
        var body = request.Body ?? default;
        return encoding == BodyEncoding.Text ? body : Encoding.ASCII.GetBytes(Convert.ToBase64String(request.Options is { Gzip: true } ? Gzip.Compress(body).Span : body.Span));
    }

    private static string? GroupOf(AwsTarget target, OutgoingMessage message) => (target.Destination.MessageGroup ?? (target.Destination.IsFifo ? MessageGroup.OrderingKey : null)) switch
    {
        null => null,
        MessageGroup.EventType => Fit(message.EventType),
        MessageGroup.OrderingKey when !string.IsNullOrEmpty(message.OrderingKey) => Fit(message.OrderingKey),
        _ => target.Webhook,
    };

    /// <summary>Amazon takes printable ASCII without spaces here; of anything else, the hash tells groups apart as well.</summary>
    private static string Fit(string group) =>
        group.Length <= MaxGroupLength && group.All(c => c is > ' ' and <= '~') ? group : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(group)));
}
