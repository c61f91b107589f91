using System.Text.Json.Nodes;
using Webhooks.Api.Http;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>What is to become of one hook.</summary>
/// <param name="Present">The webhook that it is; null: it is new.</param>
/// <param name="Patch">A merge patch in the words of /v1/webhooks, all fields of a new one; null: the hook goes.</param>
/// <param name="Enabled">Null: as it is.</param>
/// <param name="Place">Where the request speaks of it, to name fields at fault.</param>
internal sealed record HookChange(WebhookView? Present, JsonObject? Patch, bool? Enabled, HookPlace Place)
{
    /// <summary>The changes with what is to be compressed: every hook that stays or is made where the request speaks of it, else those that are made, as the company's setting says.</summary>
    /// <param name="asked">What the request says; null: nothing.</param>
    public static IReadOnlyList<HookChange> Compressed(IReadOnlyList<HookChange> changes, IReadOnlyList<WebhookView> present, bool? asked, bool setting)
    {
        var untouched = present.Where(p => asked is not null && changes.All(c => c.Present != p)).Select(p => new HookChange(p, [], Enabled: null, new HookPlace("", HookType.Webhook)));
        List<HookChange> all = [.. changes, .. untouched];
        foreach (var patch in all.Where(c => asked is not null || c.Present is null).Select(c => c.Patch).OfType<JsonObject>())
        {
            patch["transport"] = new JsonObject { ["compression"] = asked ?? setting ? "gzip" : null };
        }

        return all;
    }

    /// <summary>The id that a client chose for a new hook.</summary>
    public Guid? WantedId { get; init; }
}

/// <summary>What one request asks for.</summary>
/// <param name="Compress">Of all hooks, those that are made later too; null: as it was.</param>
internal sealed record HookRequest(IReadOnlyList<HookChange> Changes, bool? Compress);

/// <param name="Path">Such as <c>event_hooks[0].</c>; empty for the fields of the app itself.</param>
internal sealed record HookPlace(string Path, HookType Type)
{
    /// <summary>A broken rule of /v1/webhooks in the request's words.</summary>
    public FieldError Named(FieldError error) => error with
    {
        Field = Field(error.Field),
        Detail = error.Code == "field.required" && !error.Field.EndsWith(".region", StringComparison.Ordinal) ? "Is required." : error.Detail,
    };

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
