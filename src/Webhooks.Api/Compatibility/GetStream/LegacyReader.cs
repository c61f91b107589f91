using System.Text.Json.Nodes;
using Webhooks.Api.Http;
using Webhooks.Domain.Endpoints;
using Webhooks.Projections.Endpoints;

namespace Webhooks.Api.Compatibility.GetStream;

/// <summary>
/// Reads the fields from before there were several hooks: one URL, one queue, one topic, and one selection of events for all. Each address speaks of the oldest hook of its type; an empty one takes that hook away.
/// </summary>
internal sealed class LegacyReader(Fields app, IReadOnlyList<WebhookView> present)
{
    private readonly List<HookChange> _changes = [];

    /// <summary>Whether the request has any of these fields.</summary>
    public bool IsSpokenOf { get; private set; }

    public List<HookChange> Read()
    {
        var events = Given("webhook_events") ? app.OptionalStrings("webhook_events", 200, 1, 2048) ?? [] : null;
        ReadAddress("webhook_url", HookType.Webhook, url => new JsonObject { ["url"] = url });
        ReadQueue("sqs_url", "sqs", HookType.Sqs);
        ReadQueue("sns_topic_arn", "sns", HookType.Sns);
        if (events is not null)
        {
            ForAll("webhook_events", hook => hook["event_types"] = HookReader.Texts(events));
        }

        return _changes;
    }

    private bool Given(string name)
    {
        var given = app.Presence(name) != Presence.Missing;
        IsSpokenOf |= given;
        return given;
    }

    private void ReadQueue(string field, string prefix, HookType type)
    {
        var credentialsAreGiven = Given($"{prefix}_key") | Given($"{prefix}_secret");
        var (key, secret) = (EventHook.Text(app, $"{prefix}_key"), EventHook.Text(app, $"{prefix}_secret"));
        var oldest = Oldest(type);
        if (!ReadAddress(field, type, address => Queue(prefix, address, key, secret, oldest)) && credentialsAreGiven)
        {
            if (oldest is null)
            {
                app.Refuse(field, "field.required", "Is required with its key and secret, for there is no such hook yet.");
                return;
            }

            PatchOf(oldest, type)["destination"] = Queue(prefix, oldest.State.Configuration!.Url, key, secret, oldest)["destination"]?.DeepClone();
        }
    }

    /// <summary>A key left out stays as it is, as its secret does.</summary>
    private static JsonObject Queue(string prefix, string address, string? key, string? secret, WebhookView? oldest)
    {
        var keys = (oldest?.State.Configuration?.Destination as AwsDestination)?.Access as AwsKeys;
        var hook = new AwsHook(prefix, address, prefix == "sqs" ? AwsHook.RegionOf(address) : null, AuthType: "keys", key ?? keys?.AccessKeyId, secret, RoleArn: null, GroupsByType: false);
        return new JsonObject { ["url"] = null, ["destination"] = hook.ToDestination() };
    }

    /// <returns>Whether the address was given.</returns>
    private bool ReadAddress(string field, HookType type, Func<string, JsonObject> fields)
    {
        if (!Given(field))
        {
            return false;
        }

        var oldest = Oldest(type);
        if (EventHook.Text(app, field) is not { } address)
        {
            if (oldest is not null)
            {
                _changes.Add(new HookChange(oldest, Patch: null, Enabled: null, new HookPlace("", type)));
            }

            return true;
        }

        var patch = fields(address);
        if (oldest is null)
        {
            var like = present.Count > 0 ? present[0].State.Configuration : null;
            patch["event_types"] = HookReader.Texts(like?.EventTypes ?? []);
        }

        _changes.Add(new HookChange(oldest, patch, oldest is null ? true : null, new HookPlace("", type)));
        return true;
    }

    /// <summary>Those that stay, and those that this request makes.</summary>
    private void ForAll(string field, Action<JsonObject> change)
    {
        foreach (var hook in present.Where(p => !_changes.Any(c => c.Present == p && c.Patch is null)))
        {
            change(PatchOf(hook, HookTypes.Of(hook.State.Configuration!) ?? HookType.Webhook));
        }

        foreach (var made in _changes.Where(c => c.Present is null))
        {
            change(made.Patch!);
        }

        if (!_changes.Any(c => c.Patch is not null))
        {
            app.Refuse(field, "hook.none", "There is no hook yet that this could be said of: name an address in the same request, or before.");
        }
    }

    private JsonObject PatchOf(WebhookView hook, HookType type)
    {
        var change = _changes.Find(c => c.Present == hook && c.Patch is not null);
        if (change is null)
        {
            change = new HookChange(hook, [], Enabled: null, new HookPlace("", type));
            _changes.Add(change);
        }

        return change.Patch!;
    }

    private WebhookView? Oldest(HookType type) => present.FirstOrDefault(p => HookTypes.Of(p.State.Configuration!) == type);
}
