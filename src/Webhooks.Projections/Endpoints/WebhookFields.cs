using System.Text.Json;
using System.Text.Json.Nodes;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;

namespace Webhooks.Projections.Endpoints;

/// <param name="Shown">What people may see.</param>
/// <param name="Hidden">Only compared: the sealed form of what nobody may see.</param>
internal sealed record WebhookField(string Name, JsonNode? Shown, string? Hidden = null);

/// <summary>A webhook as a flat list of fields, so that two states can be compared. A field added to the configuration appears by itself.</summary>
internal static class WebhookFields
{
    public static IReadOnlyList<WebhookField> Of(Webhook webhook)
    {
        var fields = new List<WebhookField>();
        if (webhook.Configuration is not { } configuration)
        {
            return fields;
        }

        fields.Add(new("status", Name(webhook.Status, FactJson.Instance.WebhookStatus)));
        if (webhook.DisabledReason is { } reason)
        {
            fields.Add(new("disabled_reason", Name(reason, FactJson.Instance.DisabledReason)));
        }

        // That it is disabled, its status says.
        if (webhook.Health is { State: not HealthState.Disabled } health)
        {
            fields.Add(new("health", Name(health.State, FactJson.Instance.HealthState)));
        }

        var json = JsonSerializer.SerializeToNode(configuration, FactJson.Instance.WebhookConfiguration)!.AsObject();
        json.Remove("headers");
        if (configuration.Auth is { } auth)
        {
            fields.Add(new("auth", Without(json, "auth", auth.SecretName), auth.Secret.Value));
        }

        if (configuration.Transport?.ClientCertificate is { } pair)
        {
            fields.Add(new("transport.client_certificate", Without(json["transport"]!.AsObject(), "client_certificate", "private_key"), pair.PrivateKey.Value));
        }

        if (configuration.Destination is { } destination)
        {
            fields.Add(new("destination", Destination(json, destination), destination.Secret?.Value));
        }

        fields.AddRange(json.Select(p => new WebhookField(p.Key, p.Value?.DeepClone())));
        fields.AddRange(configuration.Headers.Select(h => new WebhookField($"headers.{h.Name}", new JsonObject { ["signed"] = h.Signed }, h.Value.Value)));
        fields.AddRange(webhook.Keys.Select(k => new WebhookField($"signing_keys.{k.Id}", Key(k))));
        return fields;
    }

    /// <summary>Takes a member out of the whole, and a secret out of the member.</summary>
    private static JsonNode Without(JsonObject whole, string member, string secret)
    {
        var part = whole[member]!.DeepClone();
        whole.Remove(member);
        part[secret] = "[redacted]";
        return part;
    }

    private static JsonNode Destination(JsonObject whole, Destination destination)
    {
        if (destination.Secret is null)
        {
            var open = whole["destination"]!.DeepClone();
            whole.Remove("destination");
            return open;
        }

        var steps = destination.SecretPath.Split('.');
        if (steps.Length == 1)
        {
            return Without(whole, "destination", steps[0]);
        }

        var part = whole["destination"]!.AsObject();
        part[steps[0]] = Without(part, steps[0], steps[1]);
        whole.Remove("destination");
        return part;
    }

    private static JsonObject Key(SigningKey key)
    {
        var json = new JsonObject { ["label"] = key.Label };
        if (key.Kind != SigningKeyKind.SharedSecret)
        {
            json["kind"] = Name(key.Kind, FactJson.Instance.SigningKeyKind);
        }

        if (key.Schemes.Count > 0)
        {
            json["schemes"] = new JsonArray([.. key.Schemes.Select(s => Name(s, FactJson.Instance.SignatureScheme))]);
        }

        if (key.ValidUntil is { } until)
        {
            json["valid_until"] = until;
        }

        return json;
    }

    private static JsonNode? Name<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) => JsonSerializer.SerializeToNode(value, json);
}
