using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Domain;

/// <summary>Ids stand in stored facts and on the wire in their public form, so that a row can be read by a person.</summary>
public sealed class SidJsonConverter<T> : JsonConverter<T> where T : struct, ISid<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Sid.TryParse<T>(reader.GetString(), out var id) ? id : throw new JsonException($"Not a sid of the form {T.Prefix}_…");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Sid.Format(T.Prefix, value.Value));
}
