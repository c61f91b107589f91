using Webhooks.Domain.Messages;

namespace Webhooks.Api.Compatibility.Aioz;

/// <summary>AIOZ Stream subscribes by five flags; each stands for one event type.</summary>
internal static class AiozEvents
{
    public static readonly IReadOnlyList<(string Flag, string Type)> All =
    [
        ("file_received", "file.received"),
        ("encoding_started", "encoding.started"),
        ("partial_finished", "partial.finished"),
        ("encoding_finished", "encoding.finished"),
        ("encoding_failed", "encoding.failed"),
    ];

    /// <param name="eventTypes">A webhook's; none stands for all.</param>
    public static bool Takes(IReadOnlyCollection<string> eventTypes, string type) => eventTypes.Count == 0 || eventTypes.Any(t => EventTypePattern.Matches(t, type));

    /// <summary>
    /// What a webhook takes once these flags are set. Where they say what is so already, nothing moves; else patterns that
    /// reach one of the five give way to the types by name, and types that no flag stands for stay.
    /// </summary>
    /// <returns>Null when it would take none of the five: to a webhook, no types at all means every one.</returns>
    public static IReadOnlyList<string>? With(IReadOnlyCollection<string> eventTypes, IReadOnlyDictionary<string, bool> flags)
    {
        if (All.All(e => !flags.TryGetValue(e.Flag, out var wanted) || wanted == Takes(eventTypes, e.Type)))
        {
            return [.. eventTypes];
        }

        var chosen = All.Where(e => flags.TryGetValue(e.Flag, out var wanted) ? wanted : Takes(eventTypes, e.Type)).Select(e => e.Type).ToList();
        return chosen.Count == 0 ? null : [.. chosen, .. eventTypes.Where(t => !All.Any(e => EventTypePattern.Matches(t, e.Type)))];
    }
}
