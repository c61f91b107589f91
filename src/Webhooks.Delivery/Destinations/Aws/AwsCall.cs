namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>One request to a service of Amazon's, yet to be signed.</summary>
/// <param name="Service">As signatures name it: sqs, sns.</param>
/// <param name="Name">As people know it.</param>
/// <param name="Endpoint">Scheme, host and port.</param>
/// <param name="Action">Of the JSON protocol, in the header X-Amz-Target; null in the query protocol.</param>
/// <param name="MessageId">Reads off an answer what says that the message is taken; null where nothing does. Null itself: there are several messages, each with a word of its own.</param>
/// <param name="ErrorCode">Reads off an answer why it is not.</param>
internal sealed record AwsCall(
    string Service, string Name, Uri Endpoint, string ContentType, string? Action, ReadOnlyMemory<byte> Body, Func<byte[], string?>? MessageId, Func<byte[], string?> ErrorCode);
