using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Webhooks.Domain;

/// <summary>
/// Every kind of fact with its durable name. Names are for ever: a class may be renamed, a line here only added.
/// A new shape gets a new version beside the old one, and a golden file in the tests.
/// </summary>
public static class FactCatalogue
{
    private static readonly Entry[] Entries =
    [
        new("company.registered.v1", FactJson.Instance.CompanyRegistered),
        new("company.api_key_issued.v1", FactJson.Instance.ApiKeyIssued),
        new("company.api_key_revoked.v1", FactJson.Instance.ApiKeyRevoked),
        new("company.settings_changed.v1", FactJson.Instance.CompanySettingsChanged),
        new("webhook.created.v1", FactJson.Instance.WebhookCreated),
        new("webhook.updated.v1", FactJson.Instance.WebhookUpdated),
        new("webhook.enabled.v1", FactJson.Instance.WebhookEnabled),
        new("webhook.disabled.v1", FactJson.Instance.WebhookDisabled),
        new("webhook.degraded.v1", FactJson.Instance.WebhookDegraded),
        new("webhook.paused.v1", FactJson.Instance.WebhookPaused),
        new("webhook.recovered.v1", FactJson.Instance.WebhookRecovered),
        new("webhook.deleted.v1", FactJson.Instance.WebhookDeleted),
        new("webhook.signing_key_added.v1", FactJson.Instance.SigningKeyAdded),
        new("webhook.signing_key_rotated.v1", FactJson.Instance.SigningKeyRotated),
        new("webhook.signing_key_retired.v1", FactJson.Instance.SigningKeyRetired),
        new("message.emitted.v1", FactJson.Instance.EventEmitted),
        new("message.fanned_out.v1", FactJson.Instance.EventFannedOut),
        new("message.cancelled.v1", FactJson.Instance.EventCancelled),
        new("delivery.succeeded.v1", FactJson.Instance.AttemptSucceeded),
        new("delivery.failed.v1", FactJson.Instance.AttemptFailed),
        new("delivery.exhausted.v1", FactJson.Instance.DeliveryExhausted),
        new("delivery.deferred.v1", FactJson.Instance.DeliveryDeferred),
        new("delivery.cancelled.v1", FactJson.Instance.DeliveryCancelled),
        new("delivery.resend_requested.v1", FactJson.Instance.ResendRequested),
        new("event_type.defined.v1", FactJson.Instance.EventTypeDefined),
        new("event_type.changed.v1", FactJson.Instance.EventTypeChanged),
        new("event_type.deprecated.v1", FactJson.Instance.EventTypeDeprecated),
        new("event_type.reinstated.v1", FactJson.Instance.EventTypeReinstated),
        new("event_type.deleted.v1", FactJson.Instance.EventTypeDeleted),
    ];

    private static readonly FrozenDictionary<string, Entry> ByName = Entries.ToFrozenDictionary(e => e.Name);
    private static readonly FrozenDictionary<Type, Entry> ByType = Entries.ToFrozenDictionary(e => e.Json.Type);

    public static IEnumerable<(string Name, Type Type)> All => Entries.Select(e => (e.Name, e.Json.Type));

    public static string NameOf(Fact fact) => ByType[fact.GetType()].Name;

    public static byte[] Serialize(Fact fact) => JsonSerializer.SerializeToUtf8Bytes(fact, ByType[fact.GetType()].Json);

    /// <exception cref="UnknownFactException">No such durable name: the log was written by a newer version.</exception>
    /// <exception cref="JsonException">The data has not the shape that its name promises.</exception>
    public static Fact Deserialize(string name, ReadOnlySpan<byte> data) =>
        ByName.TryGetValue(name, out var entry)
            ? (Fact)(JsonSerializer.Deserialize(data, entry.Json) ?? throw new JsonException($"A fact {name} is null."))
            : throw new UnknownFactException(name);

    private sealed record Entry(string Name, JsonTypeInfo Json);
}

/// <summary>The log holds a fact that this version of the service does not know.</summary>
public sealed class UnknownFactException(string name) : Exception($"The log holds a fact named '{name}', which this version does not know; was it written by a newer one?")
{
    public string FactName { get; } = name;
}
