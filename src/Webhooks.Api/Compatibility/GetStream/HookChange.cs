using System.Text.Json.Nodes;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>What is to become of one hook.</summary>
/// <param name="Present">The webhook that it is; null: it is new.</param>
/// <param name="Patch">A merge patch in the words of /v1/webhooks, all fields of a new one; null: the hook goes.</param>
/// <param name="Enabled">Null: as it is.</param>
/// <param name="Place">Where the request speaks of it, to name fields at fault.</param>
internal sealed record HookChange(WebhookView? Present, JsonObject? Patch, bool? Enabled, HookPlace Place)
{
    /// <summary>Every hook that stays or is made, compressed or not.</summary>
    public static List<HookChange> Compressed(IReadOnlyList<HookChange> changes, IReadOnlyList<WebhookView> present, bool compress)
    {
        var untouched = present.Where(p => changes.All(c => c.Present != p)).Select(p => new HookChange(p, [], Enabled: null, new HookPlace("", HookType.Webhook)));
        List<HookChange> all = [.. changes, .. untouched];
        foreach (var patch in all.Select(c => c.Patch).OfType<JsonObject>())
        {
            patch["transport"] = new JsonObject { ["compression"] = compress ? "gzip" : null };
        }

        return all;
    }

    /// <summary>The id that a client chose for a new hook.</summary>
    public Guid? WantedId { get; init; }
}

/// <param name="Path">Such as <c>event_hooks[0].</c>; empty for the fields of the app itself.</param>
internal sealed record HookPlace(string Path, HookType Type)
{
    /// <summary>The request's field that a field of /v1/webhooks was made of.</summary>
    public string Field(string native) => Path + (native.Split('.', '[')[0], Type) switch
    {
        ("url", _) => "webhook_url",
        ("channels", _) => "product",
        ("event_types", _) when Path.Length == 0 => "webhook_events" + native["event_types".Length..],
        ("destination", HookType.Sqs) => OfQueue(native, Path.Length == 0 ? "sqs_url" : "sqs_queue_url", "sqs"),
        ("destination", HookType.Sns) => OfQueue(native, "sns_topic_arn", "sns"),
        _ => native,
    };

    private string OfQueue(string native, string address, string prefix) => native switch
    {
        "destination.region" when Path.Length > 0 => $"{prefix}_region",
        "destination.access.access_key_id" => $"{prefix}_key",
        "destination.access.secret_access_key" => $"{prefix}_secret",
        "destination.access.role_arn" => $"{prefix}_role_arn",
        "destination.access" or "destination.access.kind" => $"{prefix}_auth_type",
        "destination.message_group" => $"{prefix}_event_based_message_group_id_enabled",
        _ => address,
    };
}
