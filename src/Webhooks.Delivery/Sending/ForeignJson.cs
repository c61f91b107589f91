using System.Text.Json;

namespace Webhooks.Delivery.Sending;

/// <summary>Reads what servers of others answer.</summary>
internal static class ForeignJson
{
    /// <returns>The text of the object's member; null where there is none.</returns>
    public static string? Text(JsonElement json, string name)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: JSON allows it, and no text has it.
            return null;
        }
    }
}
