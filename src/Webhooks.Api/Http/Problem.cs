using System.Collections.Immutable;
using System.Text.Json;

namespace Webhooks.Api.Http;

/// <summary>An answer that says no: RFC 9457 problem details. <c>type</c> is <c>/problems/</c> followed by the code.</summary>
/// <param name="Code">Stable, for programs: <c>webhook.not_found</c>.</param>
/// <param name="Detail">For people: what is wrong, and where it helps, the mend. Never a secret.</param>
public sealed record Problem(int Status, string Code, string Detail) : IResult
{
    public const string ContentType = "application/problem+json";

    public ImmutableArray<FieldError> Errors { get; init; } = [];

    /// <summary>Whole seconds; sent as Retry-After.</summary>
    public int? RetryAfterSeconds { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString();
        }

        if (Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = Authentication.Challenge;
        }

        var body = ToJson(httpContext);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }

    private byte[] ToJson(HttpContext http)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = Wire.Json.Encoder }))
        {
            WriteTo(json, http);
        }

        return stream.ToArray();
    }

    /// <summary>As a value inside of another answer: one of several results.</summary>
    public void WriteTo(Utf8JsonWriter json, HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(http);
        json.WriteStartObject();
        json.WriteString("type", $"/problems/{Code}");
        json.WriteString("title", Title);
        json.WriteNumber("status", Status);
        json.WriteString("detail", Detail);
        json.WriteString("instance", http.Request.PathBase.Add(http.Request.Path).ToUriComponent());
        json.WriteString("request_id", http.Call().Correlation);
        if (!Errors.IsEmpty)
        {
            json.WritePropertyName("errors");
            JsonSerializer.Serialize(json, Errors, Wire.Json);
        }

        json.WriteEndObject();
    }

    private string Title => Status switch
    {
        400 => "The request can't be read",
        401 => "Not authenticated",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Method not allowed",
        406 => "Not acceptable",
        408 => "The request took too long",
        409 => "Conflict with the present state",
        412 => "Changed since it was read",
        413 => "Too large",
        415 => "Unsupported content type",
        422 => "The request breaks a rule",
        429 => "Too many requests",
        431 => "Header fields too large",
        503 => "Not available at the moment",
        _ => Status >= 500 ? "Something went wrong here" : "Request refused",
    };
}

/// <summary>Metadata of routes whose clients expect another form of errors than problem details.</summary>
public delegate IResult ProblemForm(Problem problem);

/// <summary>Ends a request with a problem from where the fault is seen: while a body, a query or a header is read.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem { get; } = problem;
}
