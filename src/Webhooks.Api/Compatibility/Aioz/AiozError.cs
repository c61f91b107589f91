using Webhooks.Api.Http;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>A problem in the form that AIOZ's clients read: fail for what the caller can mend, error for what it can't.</summary>
internal sealed class AiozError(Problem problem) : IResult
{
    public static IResult Of(Problem problem) => new AiozError(problem);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var status = problem.Status is 409 or 413 or 415 or 422 ? StatusCodes.Status400BadRequest : problem.Status;
        var message = problem.Errors.IsEmpty ? problem.Detail : string.Join(' ', problem.Errors.Select(e => $"{e.Field}: {e.Detail}"));
        var headers = httpContext.Response.Headers;
        headers.CacheControl = "no-store";
        if (problem.RetryAfterSeconds is { } seconds)
        {
            headers.RetryAfter = seconds.ToString();
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            headers.WWWAuthenticate = Authentication.Challenge;
        }

        // Its Node client makes the error's text of the title.
        return AiozApi.Json(new { status = status < 500 ? "fail" : "error", message, title = message }, status).ExecuteAsync(httpContext);
    }
}
