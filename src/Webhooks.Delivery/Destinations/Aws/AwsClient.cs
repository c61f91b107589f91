using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>Signs requests to Amazon, sends them past the guard, and says what the answers come to.</summary>
internal sealed class AwsClient(EgressClient egress, TimeProvider time)
{
    private const int MaxAnswerBytes = 64 * 1024;

    private readonly AwsRoles _roles = new(egress, time);

    public async Task<SendResult> Send(AwsTarget target, AwsCall call, OutgoingRequest request, CancellationToken ct) => Shorten(await Ask(target, call, request, ct));

    /// <param name="request">Whose deadline and TLS options hold.</param>
    /// <returns>The outcome with the whole answer; <see cref="Shorten"/> it before it is recorded.</returns>
    public async Task<SendResult> Ask(AwsTarget target, AwsCall call, OutgoingRequest request, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var (result, credentials) = await AskOnce(target, call, request, started, ct);

        // Taken by nobody: with credentials that were kept and are refused it goes again, as a token that was kept does.
        if (result.StatusCode == 403 && target.Identity is AwsRole role && _roles.Refused(role, target.Destination.Region, credentials!))
        {
            (result, _) = await AskOnce(target, call, request, started, ct);
        }

        return result with { Duration = time.GetElapsedTime(started) };
    }

    private async Task<(SendResult Result, AwsCredentials? Credentials)> AskOnce(AwsTarget target, AwsCall call, OutgoingRequest request, long started, CancellationToken ct)
    {
        var granted = await Credentials(target, Left(request, started), ct);
        if (granted.Credentials is not { } credentials)
        {
            return (new SendResult(null, granted.Failure, granted.Detail, [], [], false, TimeSpan.Zero), null);
        }

        var signed = new OutgoingRequest(call.Endpoint, "POST", Headers(target, call, credentials), call.Body, Left(request, started))
        {
            Options = request.Options?.Tls is { } tls ? new SendOptions(Tls: tls) : null,
        };
        var answer = await egress.Ask(signed, MaxAnswerBytes, ct);
        return (Hide(Judge(answer, call), credentials), credentials);
    }

    private TimeSpan Left(OutgoingRequest request, long started)
    {
        var left = request.Timeout - time.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>The outcome with as much of the answer as is kept with an attempt.</summary>
    public SendResult Shorten(SendResult result) => egress.Shorten(result);

    private async Task<AwsGrant> Credentials(AwsTarget target, TimeSpan timeout, CancellationToken ct) => target.Identity switch
    {
        AwsKeyPair keys => new AwsGrant(new AwsCredentials(keys.AccessKeyId, keys.SecretAccessKey, null)),
        AwsRole role => await _roles.Get(role, target.Destination.Region, timeout, ct),
        _ => throw new ArgumentOutOfRangeException(nameof(target), "No credentials for this identity."),
    };

    private List<Header> Headers(AwsTarget target, AwsCall call, AwsCredentials credentials)
    {
        var headers = new List<Header>();
        if (call.Action is { } action)
        {
            headers.Add(new("X-Amz-Target", action));
        }

        headers.Add(new("Content-Type", call.ContentType));
        var signed = SigV4.Sign(credentials, target.Destination.Region, call.Service, Host(call.Endpoint), headers, call.Body.Span, time.GetUtcNow());
        signed.Insert(0, new("User-Agent", RequestHeaders.UserAgent));
        return signed;
    }

    /// <summary>As the Host header says it, which is what gets signed: names beyond ASCII in punycode.</summary>
    private static string Host(Uri endpoint) => endpoint.IsDefaultPort ? endpoint.IdnHost : $"{endpoint.IdnHost}:{endpoint.Port}";

    private static SendResult Judge(SendResult answer, AwsCall call)
    {
        switch (answer.Failure)
        {
            // Whoever answers 200 to everything has taken nothing.
            case null when call.MessageId is { } id && string.IsNullOrEmpty(id(answer.ResponseBody)):
                return answer with { Failure = FailureClass.Protocol, Detail = $"{call.Name} answered {answer.StatusCode} without a message's id." };
            case FailureClass.Status:
                var code = AwsAnswers.ShownCode(call.ErrorCode(answer.ResponseBody));
                return answer with
                {
                    StatusCode = AwsAnswers.StatusOf(code, answer.StatusCode),
                    Detail = $"{call.Name} answered {answer.StatusCode}{(code is null ? "" : $" ({code})")}.",
                };
            default:
                return answer;
        }
    }

    /// <summary>Amazon quotes the request back where a signature is wrong, and so a role's token.</summary>
    private static SendResult Hide(SendResult answer, AwsCredentials credentials) =>
        credentials.SessionToken is { } token && answer.ResponseBody.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(token)) >= 0
            ? answer with { ResponseBody = [], ResponseTruncated = true }
            : answer;
}
