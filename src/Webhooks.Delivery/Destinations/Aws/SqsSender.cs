using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>SendMessage of Amazon SQS, in its JSON protocol.</summary>
internal sealed class SqsSender(AwsClient aws) : IDestination
{
    private static readonly JsonWriterOptions AsItIs = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Task<SendResult> Send(OutgoingRequest request, CancellationToken ct)
    {
        if (AwsMessage.Of(request) is not { } message)
        {
            return Task.FromResult(AwsMessage.TooManyHeaders);
        }

        var target = message.Target;
        var queue = (SqsDestination)target.Destination;
        var call = new AwsCall(
            AwsNames.QueueService, "SQS", new Uri(queue.EndpointUrl ?? new Uri(queue.QueueUrl).GetLeftPart(UriPartial.Authority)), "application/x-amz-json-1.0", "AmazonSQS.SendMessage", Write(queue, message),
            static answer => AwsAnswers.JsonText(answer, "MessageId"), static answer => AwsAnswers.JsonText(answer, "__type"));
        return aws.Send(target, call, request, ct);
    }

    private static ReadOnlyMemory<byte> Write(SqsDestination queue, AwsMessage message)
    {
        var body = new ArrayBufferWriter<byte>(message.Body.Length + 2048);
        using var json = new Utf8JsonWriter(body, AsItIs);
        json.WriteStartObject();
        json.WriteString("QueueUrl", queue.QueueUrl);
        json.WriteString("MessageBody", message.Body.Span);
        json.WriteStartObject("MessageAttributes");
        foreach (var (name, value) in message.Attributes)
        {
            json.WriteStartObject(name);
            json.WriteString("DataType", "String");
            json.WriteString("StringValue", value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (message.Group is { } group)
        {
            json.WriteString("MessageGroupId", group);
        }

        if (message.Deduplication is { } deduplication)
        {
            json.WriteString("MessageDeduplicationId", deduplication);
        }

        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }
}
