using Webhooks.Api.Http;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>
/// One hook as a client sends it; null is what it leaves out, which stays as it is where the hook is there. Empty texts count
/// as left out: clients send back what they were shown of other types.
/// </summary>
internal sealed record EventHook(WebhookView? Known, Guid? Id, HookType Type, bool? Enabled, bool Delete, string? Product, IReadOnlyList<string>? EventTypes)
{
    public const string AllProducts = "all";
    private const int MaxText = 2048;
    private const int MaxEventTypes = 200;

    public string? WebhookUrl { get; private init; }
    public int? TimeoutMs { get; private init; }

    /// <summary>Of the type, where that is a queue or a topic.</summary>
    public AwsHook? Aws { get; private init; }

    /// <summary>Broken rules are collected in <paramref name="hook"/>.</summary>
    /// <param name="present">The company's hooks.</param>
    public static EventHook Read(Fields hook, IReadOnlyList<WebhookView> present)
    {
        var id = ReadId(hook);
        var known = present.FirstOrDefault(p => p.Id.Value == id);
        var delete = hook.OptionalBoolean("delete") ?? false;
        var type = hook.Presence("hook_type") == Presence.Missing && (known is not null || delete) ? HookTypeOf(known) : hook.Enum<HookType>("hook_type");
        if (type == HookType.PendingMessage)
        {
            hook.Refuse("hook_type", "hook.pending_message", "Hooks that decide about pending messages are not to be had here: events are delivered, and no answer is waited for.");
        }

        var eventTypes = hook.Presence("event_types") == Presence.Missing ? null : hook.OptionalStrings("event_types", MaxEventTypes, 1, MaxText) ?? [];
        RefuseUnmet(hook, eventTypes ?? known?.State.Configuration?.EventTypes ?? []);
        var (sqs, sns) = (AwsHook.ReadSqs(hook), AwsHook.ReadSns(hook));
        return new(
            known,
            id,
            type,
            hook.OptionalBoolean("enabled"),
            delete,
            Text(hook, "product"),
            eventTypes)
        {
            WebhookUrl = Text(hook, "webhook_url"),
            TimeoutMs = hook.OptionalInt("timeout_ms", 0, int.MaxValue) is > 0 and var ms ? ms : null,
            Aws = type switch { HookType.Sqs => sqs, HookType.Sns => sns, _ => null },
        };
    }

    /// <summary>Null: missing, null or empty.</summary>
    public static string? Text(Fields hook, string name) => hook.OptionalString(name, 0, MaxText) is { Length: > 0 } text ? text : null;

    /// <summary>One that is to be deleted and is not there may be of any type: that it is gone already is no error.</summary>
    private static HookType HookTypeOf(WebhookView? known) => known is null ? default : HookTypes.Of(known.State.Configuration!) ?? default;

    private static Guid? ReadId(Fields hook)
    {
        if (Text(hook, "id") is not { } text)
        {
            return null;
        }

        if (Guid.TryParseExact(text, "D", out var id) && id != Guid.Empty)
        {
            return id;
        }

        hook.Refuse("id", "hook.id", "Must be a UUID.");
        return null;
    }

    /// <summary>Better refused than taken and not done.</summary>
    private static void RefuseUnmet(Fields hook, IReadOnlyList<string> eventTypes)
    {
        _ = (hook.Presence("created_at"), hook.Presence("updated_at"));
        if (hook.OptionalObject("callback") is { } callback && Text(callback, "mode") is not (null or "CALLBACK_MODE_NONE"))
        {
            callback.Refuse("mode", "hook.callback", "Nothing waits for the answer of a hook here: leave it out, or say CALLBACK_MODE_NONE.");
        }

        if (hook.OptionalObject("failover_config") is { } failover)
        {
            _ = (Text(failover, "gcs_bucket"), Text(failover, "gcs_path"), Text(failover, "gcs_credentials"));
            if (Text(failover, "type") is not null)
            {
                failover.Refuse("type", "hook.failover", "There is no storage of Google's here. What could not be delivered goes to every hook that names the event type webhook.delivery_exhausted, a queue for instance.");
            }
        }

        // Custom events are events like others here: the types say whether they are sent.
        if (hook.OptionalBoolean("should_send_custom_events") is { } custom && custom != (eventTypes.Count == 0))
        {
            hook.Refuse("should_send_custom_events", "hook.custom_events", "Custom events are chosen by event_types like all others: an empty list sends them, and a list sends those it names.");
        }
    }
}
