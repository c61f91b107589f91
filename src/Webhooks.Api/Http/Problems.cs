using System.Collections.Immutable;
using Webhooks.Domain;

namespace Webhooks.Api.Http;

/// <summary>The one place that turns refusals and broken rules into problems.</summary>
public static class Problems
{
    /// <summary>Whoever answers with it has logged the exception under the request's id.</summary>
    public static readonly Problem Internal = new(500, "internal", "Something unexpected happened. The service's log has it under this request_id.");

    public static Problem Of(Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return new Problem(StatusOf(refusal.Kind), refusal.Code, refusal.Detail)
        {
            Errors = refusal.Field is { } field ? [new FieldError(field, refusal.Code, refusal.Detail)] : [],
        };
    }

    /// <summary>422: the body was read, and these fields break these rules.</summary>
    public static Problem OfBody(IReadOnlyList<FieldError> errors) =>
        new(StatusCodes.Status422UnprocessableEntity, "request.invalid", Summary(errors)) { Errors = [.. errors] };

    /// <summary>400: parameters of the query string are wrong.</summary>
    public static Problem OfQuery(IReadOnlyList<FieldError> errors) =>
        new(StatusCodes.Status400BadRequest, "query.invalid", Summary(errors)) { Errors = [.. errors] };

    public static ProblemException Refuse(int status, string code, string detail, params ImmutableArray<FieldError> errors) =>
        new(new Problem(status, code, detail) { Errors = errors });

    /// <summary>What a path names is not there, or not the caller's: the two are told apart nowhere.</summary>
    public static ProblemException NotFound(string what) => new(Of(Refusal.NotFound(what)));

    /// <summary>What stands for an answer that nobody gave a body: unknown route, wrong method and the like.</summary>
    public static Problem OfStatus(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http.Response.StatusCode switch
        {
            404 => new(404, "route.not_found", "There is nothing at this path."),
            405 => new(405, "method.not_allowed", $"{http.Request.Method} is not allowed here; allowed: {http.Response.Headers.Allow}."),
            var status => new(status, $"http.{status}", "The request was refused."),
        };
    }

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.Invalid => StatusCodes.Status422UnprocessableEntity,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No status for this kind."),
    };

    private static string Summary(IReadOnlyList<FieldError> errors) => errors.Count == 1
        ? $"{errors[0].Field}: {errors[0].Detail}"
        : $"{errors.Count} rules are broken; see errors.";
}
