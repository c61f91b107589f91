using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Webhooks.Receiver;

/// <summary>From request to answer: find the verifier, read, verify, claim, handle.</summary>
internal sealed class ReceivingRoute(Func<HttpContext, ValueTask<WebhookVerifier?>> verifierOf, Func<ReceivedWebhook, HttpContext, Task> handle, WebhookReceiverOptions options)
{
    private const string RetryAfterSeconds = "1";

    public async Task Receive(HttpContext http)
    {
        if (await verifierOf(http) is not { } verifier)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var (body, refusal) = await RequestBody.Read(http.Request, options.MaxBodyBytes, http.RequestAborted);
        if (body is null)
        {
            http.Response.StatusCode = refusal;
            return;
        }

        var verification = verifier.Verify(http.Request.Headers, Content(http.Request, body), options.Time.GetUtcNow());
        if (!verification.IsGenuine)
        {
            await Refuse(http, verification);
            return;
        }

        // A copy: the server uses its own again, and a webhook may be worked on after the answer.
        var headers = new HeaderDictionary(new Dictionary<string, StringValues>(http.Request.Headers, StringComparer.OrdinalIgnoreCase));
        var webhook = new ReceivedWebhook(verification, body, headers);
        http.Response.StatusCode = StatusCodes.Status200OK;
        if (options.ReplayCache is { } cache && options.ReplayKey(webhook) is { } id)
        {
            await HandleOnce(webhook, http, cache, verifier.ReplayKeys(AtItsPath(http.Request, id)));
        }
        else
        {
            await handle(webhook, http);
        }
    }

    /// <summary>A GET request has no body: its query string is signed in the body's place, and may begin with a question mark of its own.</summary>
    private static ReadOnlySpan<byte> Content(HttpRequest request, byte[] body) =>
        !HttpMethods.IsGet(request.Method) ? body : request.QueryString.Value is ['?', .. var query] ? Encoding.UTF8.GetBytes(query) : [];

    /// <summary>
    /// Two webhooks that get the same event get the same id. The path tells them apart where their keys do not, spelled
    /// in one way: it is not signed, and routes take a replay in capitals too.
    /// </summary>
    private static string AtItsPath(HttpRequest request, string id)
    {
        var path = (request.PathBase + request.Path).Value?.TrimEnd('/').ToUpperInvariant() ?? "";
        return string.Create(CultureInfo.InvariantCulture, $"{path.Length} {path} {id}");
    }

    /// <param name="keys">All are claimed, and all are kept: any of them tells the next one that it was handled.</param>
    private async Task HandleOnce(ReceivedWebhook webhook, HttpContext http, IReplayCache cache, string[] keys)
    {
        var claimed = new List<string>(keys.Length);
        var isHandled = false;
        try
        {
            switch (await Claim(cache, keys, claimed, http.RequestAborted))
            {
                case ReplayClaim.New:
                    await handle(webhook, http);
                    isHandled = http.Response.StatusCode is >= 200 and < 300;
                    break;
                case ReplayClaim.Handled:
                    isHandled = true;
                    break;
                default:
                    // Not a success: should the other one fail, this one's sender has to come back.
                    http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    http.Response.Headers.RetryAfter = RetryAfterSeconds;
                    break;
            }
        }
        finally
        {
            foreach (var key in claimed)
            {
                await (isHandled ? cache.Keep(key) : cache.Release(key));
            }
        }
    }

    /// <param name="claimed">Takes those that were new.</param>
    private static async Task<ReplayClaim> Claim(IReplayCache cache, string[] keys, List<string> claimed, CancellationToken ct)
    {
        foreach (var key in keys)
        {
            if (await cache.Claim(key, ct) is var claim and not ReplayClaim.New)
            {
                return claim;
            }

            claimed.Add(key);
        }

        return ReplayClaim.New;
    }

    /// <summary>Says why, for the sender's records: nothing of it helps to forge.</summary>
    private static Task Refuse(HttpContext http, Verification verification)
    {
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        var fault = JsonNamingPolicy.SnakeCaseLower.ConvertName(verification.Fault.ToString()!);
        return http.Response.WriteAsJsonAsync(new { fault, header = verification.Header }, http.RequestAborted);
    }
}
