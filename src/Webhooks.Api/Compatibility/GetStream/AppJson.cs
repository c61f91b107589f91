using System.Text.Json;
using System.Text.Json.Serialization;
using Webhooks.Api.Http;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>
/// How an app looks. At the root, where stream-chat asks, times are RFC 3339. Under /api/v2 they are whole nanoseconds since
/// 1970, as GetStream's own: its clients for Python and Java, and older ones for Go and Node, fail over anything else.
/// </summary>
internal static class AppJson
{
    private static readonly JsonSerializerOptions Nanoseconds = WithNanoseconds();

    public static JsonSerializerOptions Of(HttpRequest request) =>
        request.Path.StartsWithSegments(GetStreamApi.V2, StringComparison.OrdinalIgnoreCase) ? Nanoseconds : Wire.Json;

    private static JsonSerializerOptions WithNanoseconds()
    {
        var options = new JsonSerializerOptions(Wire.Json);
        options.Converters.Insert(0, new NanosecondsJsonConverter());
        return options;
    }

    private sealed class NanosecondsJsonConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.UnixEpoch.AddTicks(reader.GetInt64() / TimeSpan.NanosecondsPerTick);

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteNumberValue((value - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
    }
}
