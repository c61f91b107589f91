using System.Buffers;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Webhooks.Api.Http;

/// <summary>Reads request bodies: content type first (415), then at most so many bytes (413), then strict JSON (400).</summary>
public static class JsonBody
{
    /// <summary>For commands; emitted payloads have a limit of their own.</summary>
    public const int MaxCommandBytes = 256 * 1024;

    /// <exception cref="ProblemException">The body can't be read as a JSON object.</exception>
    public static async ValueTask<Fields> Read(HttpContext http, int maxBytes = MaxCommandBytes)
    {
        var value = JsonValue.Parse(await ReadBytes(http, maxBytes));
        return Fields.Of(value);
    }

    /// <summary>
    /// As <see cref="Read"/>, for commands whose fields all have defaults: no body is an empty object, and so is null, which
    /// axios writes where there is none and the content type says JSON.
    /// </summary>
    public static async ValueTask<Fields> ReadOptional(HttpContext http, int maxBytes = MaxCommandBytes)
    {
        ArgumentNullException.ThrowIfNull(http);
        var request = http.Request;
        var isEmpty = request.ContentLength is null or 0 && request.Headers.TransferEncoding.Count == 0 && !HttpProtocol.IsHttp2(request.Protocol);
        var value = isEmpty ? null : JsonValue.Parse(await ReadBytes(http, maxBytes));
        return Fields.Of(value is null or { Kind: JsonTokenType.Null } ? JsonValue.Parse("{}"u8.ToArray()) : value);
    }

    /// <summary>The body's bytes, of which there is at least one.</summary>
    /// <inheritdoc cref="ReadSequence"/>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadBytes(HttpContext http, int maxBytes, Func<ProblemException>? tooLarge = null)
    {
        var sequence = await ReadSequence(http, maxBytes, tooLarge);
        var body = sequence.ToArray();
        http.Request.BodyReader.AdvanceTo(sequence.End);
        return body;
    }

    /// <summary>The body where the server received it, at least one byte. Who is done with it advances the request's BodyReader to its end.</summary>
    /// <param name="tooLarge">What to throw beyond <paramref name="maxBytes"/>; null: a 413 that names them.</param>
    public static async ValueTask<ReadOnlySequence<byte>> ReadSequence(HttpContext http, int maxBytes, Func<ProblemException>? tooLarge = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        CheckContentType(http.Request);
        if (http.Request.ContentLength > maxBytes)
        {
            throw tooLarge?.Invoke() ?? TooLarge(maxBytes);
        }

        var pipe = http.Request.BodyReader;
        while (true)
        {
            var read = await pipe.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > maxBytes)
            {
                pipe.AdvanceTo(read.Buffer.End);
                throw tooLarge?.Invoke() ?? TooLarge(maxBytes);
            }

            if (!read.IsCompleted)
            {
                pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
            else if (read.Buffer.IsEmpty)
            {
                pipe.AdvanceTo(read.Buffer.End);
                throw Problems.Refuse(400, "body.missing", "A JSON body is needed here.");
            }
            else
            {
                return read.Buffer;
            }
        }
    }

    /// <summary>application/json or …+json, in UTF-8, not compressed.</summary>
    private static void CheckContentType(HttpRequest request)
    {
        if (request.ContentType is not "application/json" && !IsJson(request.ContentType))
        {
            throw Problems.Refuse(415, "content_type.unsupported", "The body must be JSON in UTF-8: Content-Type: application/json.");
        }

        CheckEncoding(request);
    }

    /// <exception cref="ProblemException">415: the body is compressed.</exception>
    internal static void CheckEncoding(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            throw Problems.Refuse(415, "content_encoding.unsupported", "The body must not be compressed.");
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
        && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.ToString().Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static ProblemException TooLarge(int maxBytes) => Problems.Refuse(413, "body.too_large", $"The body may have at most {maxBytes} bytes.");
}
