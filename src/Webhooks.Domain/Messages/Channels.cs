namespace Webhooks.Domain.Messages;

/// <summary>Labels on an event by which webhooks choose among events of a type: a region, a project, a customer. A webhook with channels gets only events that carry at least one of them.</summary>
public static class Channels
{
    public const int MaxPerEvent = 10;
    public const int MaxPerWebhook = 10;

    /// <summary>The form of an event type, and each once.</summary>
    /// <param name="field">The list's field; the refusal names the item.</param>
    public static Refusal? Refuse(IReadOnlyList<string> channels, int max, string field)
    {
        if (channels.Count > max)
        {
            return Refusal.Invalid(field, "channel.too_many", $"Must hold at most {max} channels; it holds {channels.Count}.");
        }

        for (var i = 0; i < channels.Count; i++)
        {
            if (!EventTypes.IsValid(channels[i]))
            {
                return Refusal.Invalid($"{field}[{i}]", "channel.form", $"Must be 1 to {EventTypes.MaxLength} characters of a-z, A-Z, 0-9, '.', '_', '-', ':' and '/', starting with a letter or digit.");
            }

            for (var j = 0; j < i; j++)
            {
                if (channels[j] == channels[i])
                {
                    return Refusal.Invalid($"{field}[{i}]", "channel.duplicate", "Every channel may stand once.");
                }
            }
        }

        return null;
    }

    /// <summary>For the fingerprint of a request: the same for the same set, and nothing at all without channels.</summary>
    public static string Key(EquatableArray<string> channels) => channels.Count == 0 ? "" : $"\nchannels {string.Join(' ', channels.Order(StringComparer.Ordinal))}";
}
