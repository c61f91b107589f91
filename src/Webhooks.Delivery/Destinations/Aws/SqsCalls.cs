using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>SendMessage and SendMessageBatch of Amazon SQS, in its JSON protocol.</summary>
internal static class SqsCalls
{
    public const string AttributeType = "String";

    private static readonly JsonWriterOptions AsItIs = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static AwsCall SendMessage(AwsMessage message)
    {
        var body = new ArrayBufferWriter<byte>(message.Body.Length + 2048);
        using var json = Begin(body, message);
        WriteMembers(json, message);
        json.WriteEndObject();
        json.Flush();
        return Call(message, "AmazonSQS.SendMessage", body.WrittenMemory, static answer => AwsAnswers.JsonText(answer, "MessageId"));
    }

    /// <param name="messages">Of one target. Each has its place in the list as its id.</param>
    public static AwsCall SendMessageBatch(IReadOnlyList<AwsMessage> messages)
    {
        var body = new ArrayBufferWriter<byte>(messages.Sum(m => m.Body.Length + 2048));
        using var json = Begin(body, messages[0]);
        json.WriteStartArray("Entries");
        for (var i = 0; i < messages.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("Id", i.ToString(CultureInfo.InvariantCulture));
            WriteMembers(json, messages[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return Call(messages[0], "AmazonSQS.SendMessageBatch", body.WrittenMemory, null);
    }

    private static AwsCall Call(AwsMessage message, string action, ReadOnlyMemory<byte> body, Func<byte[], string?>? id)
    {
        var queue = (SqsDestination)message.Target.Destination;
        var endpoint = new Uri(queue.EndpointUrl ?? new Uri(queue.QueueUrl).GetLeftPart(UriPartial.Authority));
        return new(AwsNames.QueueService, "SQS", endpoint, "application/x-amz-json-1.0", action, body, id, static answer => AwsAnswers.JsonText(answer, "__type"));
    }

    private static Utf8JsonWriter Begin(ArrayBufferWriter<byte> body, AwsMessage message)
    {
        var json = new Utf8JsonWriter(body, AsItIs);
        json.WriteStartObject();
        json.WriteString("QueueUrl", message.Target.Destination.Url);
        return json;
    }

    private static void WriteMembers(Utf8JsonWriter json, AwsMessage message)
    {
        json.WriteString("MessageBody", message.Body.Span);
        json.WriteStartObject("MessageAttributes");
        foreach (var (name, value) in message.Attributes)
        {
            json.WriteStartObject(name);
            json.WriteString("DataType", AttributeType);
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
    }
}
