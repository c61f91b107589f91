using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using BareReceiver = Webhooks.Delivery.Tests.Sending.Receiver;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Queues, topics and roles as Amazon has them, on loopback: it takes nothing whose signature does not hold.</summary>
internal sealed class AwsEmulator : IAsyncDisposable
{
    public const string AccessKeyId = "AKIDEXAMPLE";
    public const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string RoleSecret = "role/secret+8";
    public const string SessionToken = "session-token==";

    private readonly BareReceiver _receiver;
    private readonly ConcurrentQueue<JsonNode> _queued = [];
    private readonly ConcurrentQueue<JsonNode> _batches = [];
    private readonly ConcurrentQueue<Dictionary<string, string>> _published = [];
    private readonly ConcurrentQueue<Dictionary<string, string>> _assumed = [];

    public AwsEmulator() => _receiver = BareReceiver.Answering(async request =>
    {
        await Hold(request);
        return Answer(request);
    });

    public string Url => $"http://127.0.0.1:{_receiver.Port}";

    /// <summary>Bodies of SendMessage.</summary>
    public IReadOnlyCollection<JsonNode> Queued => _queued;

    /// <summary>Bodies of SendMessageBatch.</summary>
    public IReadOnlyCollection<JsonNode> Batches => _batches;

    /// <summary>Forms of Publish.</summary>
    public IReadOnlyCollection<Dictionary<string, string>> Published => _published;

    /// <summary>Forms of AssumeRoleWithWebIdentity.</summary>
    public IReadOnlyCollection<Dictionary<string, string>> Assumed => _assumed;

    public IReadOnlyCollection<string> Requests => _receiver.Requests;

    /// <summary>Instead of taking a message: status and body.</summary>
    public Func<string, (int Status, string Body)?> Refuse { get; set; } = _ => null;

    /// <summary>What must happen before a request is answered.</summary>
    public Func<string, Task> Hold { get; set; } = _ => Task.CompletedTask;

    /// <summary>What is answered of an entry of a batch, beside its id: a failure where it has a code. Null: not a word.</summary>
    public Func<JsonNode, JsonObject?> Judge { get; set; } = entry => new JsonObject { ["MessageId"] = $"m-{entry["MessageBody"]}" };

    public DateTimeOffset RolesUntil { get; set; } = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private string Answer(string request)
    {
        var body = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
        if (Refuse(request) is { } refusal)
        {
            return Http(refusal.Status, refusal.Body);
        }

        if (body.StartsWith("Action=AssumeRoleWithWebIdentity&", StringComparison.Ordinal))
        {
            _assumed.Enqueue(Form(body));
            return Http(200, $"""
                <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>
                <SessionToken>{SessionToken}</SessionToken><SecretAccessKey>{RoleSecret}</SecretAccessKey><Expiration>{RolesUntil:yyyy-MM-ddTHH:mm:ssZ}</Expiration><AccessKeyId>ASIAROLE</AccessKeyId>
                </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
                """);
        }

        var isBatch = IsBatch(request);
        var isQueue = isBatch || request.Contains("\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n", StringComparison.Ordinal);
        var isRole = request.Contains($"\r\nX-Amz-Security-Token: {SessionToken}\r\n", StringComparison.Ordinal);
        if (SigV4Check.Fault(request, isRole ? "ASIAROLE" : AccessKeyId, isRole ? RoleSecret : Secret, isQueue ? "sqs" : "sns") is { } fault)
        {
            return isQueue
                ? Http(403, $$"""{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"{{fault}}"}""")
                : Http(403, $"""<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>{fault}</Message></Error></ErrorResponse>""");
        }

        if (isBatch)
        {
            var batch = JsonNode.Parse(body)!;
            _batches.Enqueue(batch);
            return Http(200, AnswerBatch(batch));
        }

        if (isQueue)
        {
            _queued.Enqueue(JsonNode.Parse(body)!);
            return Http(200, """{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e274","MD5OfMessageBody":"x"}""");
        }

        _published.Enqueue(Form(body));
        return Http(200, """<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult></PublishResponse>""");
    }

    public static bool IsBatch(string request) => request.Contains("\r\nX-Amz-Target: AmazonSQS.SendMessageBatch\r\n", StringComparison.Ordinal);

    private string AnswerBatch(JsonNode batch)
    {
        var (successful, failed) = (new JsonArray(), new JsonArray());
        foreach (var entry in batch["Entries"]!.AsArray())
        {
            if (Judge(entry!) is { } judged)
            {
                judged["Id"] = (string?)entry!["Id"];
                (judged.ContainsKey("Code") ? failed : successful).Add(judged);
            }
        }

        return new JsonObject { ["Successful"] = successful, ["Failed"] = failed }.ToJsonString();
    }

    private static Dictionary<string, string> Form(string body) =>
        body.Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => Uri.UnescapeDataString(p[0]), p => Uri.UnescapeDataString(p[1]));

    private static string Http(int status, string body) => $"HTTP/1.1 {status} X\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();
}
