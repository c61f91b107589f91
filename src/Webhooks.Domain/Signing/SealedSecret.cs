using System.Text.Json;
using System.Text.Json.Serialization;

namespace Webhooks.Domain.Signing;

/// <summary>
/// A secret as facts may hold it: encrypted under the installation's master key. Sealing the same text for the same
/// place yields the same value, so that rules can compare secrets without opening them.
/// </summary>
[JsonConverter(typeof(SealedSecretJsonConverter))]
public readonly record struct SealedSecret(string Value)
{
    public override string ToString() => "[sealed]";
}

internal sealed class SealedSecretJsonConverter : JsonConverter<SealedSecret>
{
    public override SealedSecret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("A sealed secret is text."));

    public override void Write(Utf8JsonWriter writer, SealedSecret value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
