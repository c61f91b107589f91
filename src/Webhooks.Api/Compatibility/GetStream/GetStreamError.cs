using System.Collections.Immutable;
using System.Text.Json;
using Webhooks.Api.Http;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>A problem in the form that GetStream's clients read. The numbers are those of its list of error codes.</summary>
internal static class GetStreamError
{
    private const int Internal = -1, AccessKey = 2, Input = 4, Authentication = 5, RateLimit = 9, DoesNotExist = 16, NotAllowed = 17,
        PayloadTooBig = 22, RequestTimeout = 23, TokenExpired = 40, TokenNotValidYet = 41, TokenSignature = 43;

    public static IResult Of(Problem problem) => new Result(problem);

    public static int CodeOf(Problem problem) => (problem.Code, problem.Status) switch
    {
        ("auth.unknown_key", _) => AccessKey,
        ("auth.token_expired", _) => TokenExpired,
        ("auth.token_not_yet_valid", _) => TokenNotValidYet,
        ("auth.token_signature", _) => TokenSignature,
        (_, 401) => Authentication,
        (_, 403 or 405) => NotAllowed,
        (_, 404) => DoesNotExist,
        (_, 408) => RequestTimeout,
        (_, 413) => PayloadTooBig,
        (_, 429) => RateLimit,
        (_, >= 500) => Internal,
        _ => Input,
    };

    /// <summary>GetStream answers 400 to whatever is wrong with the input.</summary>
    private static int StatusOf(Problem problem) => problem.Status is 409 or 415 or 422 ? StatusCodes.Status400BadRequest : problem.Status;

    private static string MessageOf(ImmutableArray<FieldError> errors, string detail) =>
        errors.IsEmpty ? detail : string.Join(" ", errors.Select(e => $"{e.Field}: {e.Detail}"));

    private sealed class Result(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var status = StatusOf(problem);
            var response = httpContext.Response;
            response.Headers.CacheControl = "no-store";
            if (problem.RetryAfterSeconds is { } seconds)
            {
                response.Headers.RetryAfter = seconds.ToString();
            }

            if (status == StatusCodes.Status401Unauthorized)
            {
                response.Headers.WWWAuthenticate = Http.Authentication.Challenge;
            }

            return JsonAnswer.Write(httpContext, status, json => Write(json, httpContext, status));
        }

        /// <summary>The status stands there twice: one client reads status_code, the other StatusCode.</summary>
        private void Write(Utf8JsonWriter json, HttpContext http, int status)
        {
            json.WriteStartObject();
            json.WriteNumber("code", CodeOf(problem));
            json.WriteString("message", MessageOf(problem.Errors, problem.Detail));
            json.WriteStartObject("exception_fields");
            foreach (var field in problem.Errors.GroupBy(e => e.Field))
            {
                json.WriteString(field.Key, string.Join(" ", field.Select(e => e.Detail)));
            }

            json.WriteEndObject();
            json.WriteNumber("StatusCode", status);
            json.WriteNumber("status_code", status);
            json.WriteString("duration", RequestDuration.Of(http));
            json.WriteString("more_info", $"/problems/{problem.Code}");
            json.WriteStartArray("details");
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
