using System.Text.Json.Serialization;

namespace Webhooks.Domain.Companies;

/// <summary>What a key may do. <see cref="Admin"/> belongs to the installation's own keys and carries all others, over all companies.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<Scopes>))]
public enum Scopes
{
    None = 0,

    /// <summary>Emit events.</summary>
    [JsonStringEnumMemberName("emit")]
    Emit = 1,

    /// <summary>Register and change webhooks, see signing secrets, retry deliveries.</summary>
    [JsonStringEnumMemberName("manage")]
    Manage = 2,

    /// <summary>Read webhooks, events and deliveries.</summary>
    [JsonStringEnumMemberName("read")]
    Read = 4,

    /// <summary>Companies, keys and operations of the whole installation.</summary>
    [JsonStringEnumMemberName("admin")]
    Admin = 8,
}
