using System.Buffers;
using System.Text.Json;

namespace Webhooks.Api.Http;

/// <summary>Answers written member by member, where reflection would cost too much or raw bytes have to stand as they are.</summary>
public static class JsonAnswer
{
    private static readonly JsonWriterOptions Options = new() { Encoder = Wire.Json.Encoder, MaxDepth = 2 * JsonValue.MaxDepth, SkipValidation = true };

    public static async Task Write(HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(write);
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, Options))
        {
            write(json);
        }

        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await response.BodyWriter.WriteAsync(body.WrittenMemory, http.RequestAborted);
        }
    }
}
