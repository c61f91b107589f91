using System.Text.Json.Nodes;
using Webhooks.Api.Http;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>
/// Reads <c>event_hooks</c>, the hooks as they are to be from now on: one of a known id is changed, any other is new, and
/// those left out go, unless the request says that only marked ones do.
/// </summary>
internal static class HookReader
{
    public const int MaxHooks = 100;

    /// <summary>Broken rules are collected in <paramref name="app"/>.</summary>
    /// <param name="present">The company's hooks.</param>
    /// <returns>Null where the request does not speak of hooks.</returns>
    public static List<HookChange>? Read(Fields app, IReadOnlyList<WebhookView> present)
    {
        var onlyMarkedOnesGo = app.OptionalBoolean("explicit_event_hooks_deletion") ?? false;
        if (app.OptionalObjects("event_hooks", MaxHooks) is not { } given)
        {
            return null;
        }

        var hooks = given.Select(hook => EventHook.Read(hook, present)).ToList();
        var ids = hooks.Select(h => h.Id).OfType<Guid>().ToList();
        if (ids.Count != ids.Distinct().Count())
        {
            app.Refuse("event_hooks", "hook.duplicate", "Holds an id more than once.");
        }

        var changes = hooks.Select(Change).OfType<HookChange>().ToList();
        if (!onlyMarkedOnesGo)
        {
            changes.AddRange(present.Where(p => !ids.Contains(p.Id.Value)).Select(p => new HookChange(p, Patch: null, Enabled: null, new HookPlace("", HookType.Webhook))));
        }

        return changes;
    }

    /// <summary>Null: nothing is to be done, for what is to be deleted is not there.</summary>
    private static HookChange? Change(EventHook hook, int index)
    {
        var place = new HookPlace($"event_hooks[{index}].", hook.Type);
        if (hook.Delete)
        {
            return hook.Known is null ? null : new HookChange(hook.Known, Patch: null, Enabled: null, place);
        }

        return new HookChange(hook.Known, Patch(hook), hook.Enabled ?? (hook.Known is null ? true : null), place) { WantedId = hook.Id };
    }

    private static JsonObject Patch(EventHook hook)
    {
        var patch = new JsonObject();
        if (hook.EventTypes is { } types)
        {
            patch["event_types"] = Texts(types);
        }

        if (hook.Product is { } product)
        {
            patch["channels"] = Texts(product == EventHook.AllProducts ? [] : [product]);
        }

        if (hook.TimeoutMs is { } timeout)
        {
            patch["timeout_ms"] = timeout;
        }

        var present = hook.Known?.State.Configuration;
        if (hook.Aws is { } aws)
        {
            patch["url"] = null;
            patch["destination"] = present is not null && HookTypes.Of(present) == hook.Type ? aws.ToChange() : aws.ToDestination();
        }
        else if (hook.WebhookUrl is not null || present is not { Destination: null })
        {
            patch["url"] = hook.WebhookUrl;
            if (present?.Destination is not null)
            {
                patch["destination"] = null;
            }
        }

        return patch;
    }

    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];
}
