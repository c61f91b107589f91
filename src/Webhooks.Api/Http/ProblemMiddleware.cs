using Webhooks.EventStore;

namespace Webhooks.Api.Http;

/// <summary>The one place that turns exceptions, and answers without a body, into problems. Unexpected ones are logged once.</summary>
/// <param name="formOf">The form that the asking client reads, where no route says it; null: problem details.</param>
public sealed partial class ProblemMiddleware(RequestDelegate next, Func<HttpRequest, ProblemForm?> formOf, ILogger<ProblemMiddleware> log)
{
    private const int RetryAfterSeconds = 2;

    public async Task InvokeAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null })
            {
                await Answer(Problems.OfStatus(http), http);
            }
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested && (e is OperationCanceledException or IOException))
        {
            // The client is gone: nobody reads an answer.
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            var allow = http.Response.Headers.Allow;
            http.Response.Clear();
            http.Response.Headers[Correlation.Header] = http.Call().Correlation.ToString();
            http.Response.Headers.Allow = allow;
            await Answer(Of(e, http), http);
        }
    }

    /// <summary>Routes say their form; where there is none, or none of that method, who asks tells.</summary>
    private Task Answer(Problem problem, HttpContext http)
    {
        var endpoint = http.GetEndpoint();
        var form = endpoint is RouteEndpoint ? endpoint.Metadata.GetMetadata<ProblemForm>() : formOf(http.Request);
        return (form?.Invoke(problem) ?? problem).ExecuteAsync(http);
    }

    private Problem Of(Exception exception, HttpContext http)
    {
        switch (exception)
        {
            case ProblemException e:
                return e.Problem;
            case BadHttpRequestException e:
                return new Problem(e.StatusCode, e.StatusCode == 413 ? "body.too_large" : "request.malformed", e.Message);
            case var e when DatabaseFailures.IsUnavailable(e):
                LogUnavailable(http.Call().Correlation, (e.InnerException ?? e).Message);
                return http.Call().HasSaved
                    ? new Problem(503, "database.unavailable_after_saving", "The change, or a part of it, was saved; then the database could no longer be reached. Look before trying again.") { RetryAfterSeconds = RetryAfterSeconds }
                    : new Problem(503, "database.unavailable", "The database can't be reached, or can't write, at the moment; nothing was changed. Try again shortly.") { RetryAfterSeconds = RetryAfterSeconds };
            case CommitOutcomeUnknownException e:
                LogUnexpected(e, http.Call().Correlation, http.Request.Method, http.GetEndpoint()?.DisplayName);
                return new Problem(503, "database.outcome_unknown", "The connection to the database broke while saving; whether the change was saved is not known. Look before trying again.") { RetryAfterSeconds = RetryAfterSeconds };
            default:
                LogUnexpected(exception, http.Call().Correlation, http.Request.Method, http.GetEndpoint()?.DisplayName);
                return Problems.Internal;
        }
    }

    // The loops say once per poll that the database is away; thousands of requests a second need not repeat it.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Request {RequestId}: the database is not available: {Reason}")]
    private partial void LogUnavailable(Guid requestId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} ({Method}, {Endpoint}) failed")]
    private partial void LogUnexpected(Exception exception, Guid requestId, string method, string? endpoint);
}
