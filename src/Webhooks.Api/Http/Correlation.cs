namespace Webhooks.Api.Http;

/// <summary>Gives every request an id: the caller's Request-Id when it is a UUID, else the trace id of traceparent, else a new one.</summary>
public static class Correlation
{
    public const string Header = "Request-Id";

    public static IApplicationBuilder UseCorrelation(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var id = Of(http.Request.Headers[Header], http.Request.Headers.TraceParent) ?? Guid.CreateVersion7();
        http.Features.Set(new Call(id));
        http.Response.Headers[Header] = id.ToString();
        return next(http);
    });

    /// <summary>Null when neither header holds an id that fits.</summary>
    public static Guid? Of(string? requestId, string? traceParent)
    {
        if (Guid.TryParse(requestId, out var id) && id != Guid.Empty)
        {
            return id;
        }

        // version "-" trace-id "-" parent-id "-" flags
        return traceParent is { Length: >= 55 } && traceParent[2] == '-' && traceParent[35] == '-'
            && Guid.TryParseExact(traceParent.AsSpan(3, 32), "N", out var trace) && trace != Guid.Empty
            ? trace
            : null;
    }
}
