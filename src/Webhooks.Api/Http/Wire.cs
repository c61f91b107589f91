using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Api.Http;

/// <summary>How answers look: snake_case, nulls left out, text as it is, times in UTC with milliseconds.</summary>
public static class Wire
{
    public static readonly JsonSerializerOptions Json = Apply(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new UtcTimeJsonConverter());
        return options;
    }

    /// <summary>RFC 3339: <c>2026-01-31T12:00:00.000Z</c>.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>RFC 3339 with its offset, to the millisecond; a time without would mean that of the server. Null where it is none.</summary>
    public static DateTimeOffset? ParseTime(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var hasOffset = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        return hasOffset && DateTimeOffset.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? new DateTimeOffset(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero)
            : null;
    }

    /// <summary>200 with the version as ETag.</summary>
    public static IResult Ok(HttpContext http, int version, object body)
    {
        ETag.Set(http, version);
        return Results.Json(body, Json);
    }

    /// <summary>201 with Location and the version as ETag.</summary>
    public static IResult Created(HttpContext http, string location, int version, object body)
    {
        ArgumentNullException.ThrowIfNull(http);
        ETag.Set(http, version);
        http.Response.Headers.Location = location;
        return Results.Json(body, Json, statusCode: StatusCodes.Status201Created);
    }

    private sealed class UtcTimeJsonConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Time(value));
    }
}
