using System.Globalization;
using System.Text;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>Publish of Amazon SNS, in its query protocol: the only one it has.</summary>
internal sealed class SnsSender(AwsClient aws) : IDestination
{
    public Task<SendResult> Send(OutgoingRequest request, CancellationToken ct)
    {
        if (AwsMessage.Of(request) is not { } message)
        {
            return Task.FromResult(AwsMessage.TooManyHeaders);
        }

        var target = message.Target;
        var topic = (SnsDestination)target.Destination;
        var call = new AwsCall(
            AwsNames.TopicService, "SNS", topic.EndpointUrl is { } own ? new Uri(own) : AwsNames.Endpoint(AwsNames.TopicService, topic.Region), "application/x-www-form-urlencoded; charset=utf-8", null,
            Write(topic, message), static answer => AwsAnswers.XmlText(answer, "MessageId"), static answer => AwsAnswers.XmlText(answer, "Code"));
        return aws.Send(target, call, request, ct);
    }

    private static byte[] Write(SnsDestination topic, AwsMessage message)
    {
        var form = new StringBuilder("Action=Publish&Version=2010-03-31");
        Append(form, "TopicArn", topic.TopicArn);
        Append(form, "Message", Encoding.UTF8.GetString(message.Body.Span));
        for (var i = 0; i < message.Attributes.Count; i++)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"MessageAttributes.entry.{i + 1}");
            Append(form, $"{prefix}.Name", message.Attributes[i].Name);
            Append(form, $"{prefix}.Value.DataType", "String");
            Append(form, $"{prefix}.Value.StringValue", message.Attributes[i].Value);
        }

        Append(form, "MessageGroupId", message.Group);
        Append(form, "MessageDeduplicationId", message.Deduplication);
        return Encoding.ASCII.GetBytes(form.ToString());
    }

    private static void Append(StringBuilder form, string name, string? value)
    {
        if (value is not null)
        {
            form.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
