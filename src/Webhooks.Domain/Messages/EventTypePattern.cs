namespace Webhooks.Domain.Messages;

/// <summary>
/// What a webhook subscribes to: an event type, or a pattern in which a star stands for whole segments between dots. At the
/// end it stands for one or more (<c>user.*</c> takes <c>user.created</c> and <c>user.address.changed</c>), elsewhere for
/// exactly one (<c>*.created</c>, <c>order.*.failed</c>); alone it takes everything.
/// </summary>
public static class EventTypePattern
{
    public const string Star = "*";

    public static bool IsPattern(string text) => text.Contains('*', StringComparison.Ordinal);

    public static Refusal? Refuse(string text, string field)
    {
        if (!IsPattern(text))
        {
            return EventTypes.Refuse(text, field);
        }

        // A pattern is well formed when an event type stands there once its stars are names.
        var isWhole = text.Split('.').All(segment => segment == Star || !IsPattern(segment));
        return isWhole && text.Length <= EventTypes.MaxLength && EventTypes.IsValid(text.Replace('*', 'x'))
            ? null
            : Refusal.Invalid(field, "event_type.pattern", $"A star stands for a whole segment between dots: user.*, *.created, order.*.failed or *; otherwise a pattern is an event type of at most {EventTypes.MaxLength} characters.");
    }

    /// <summary>The rule in its plainest form; many patterns at once are matched by a tree of their segments.</summary>
    public static bool Matches(string pattern, string type)
    {
        if (!IsPattern(pattern))
        {
            return pattern == type;
        }

        var (wanted, segments) = (pattern.Split('.'), type.Split('.'));
        var isOpen = wanted[^1] == Star;
        return (isOpen ? segments.Length >= wanted.Length : segments.Length == wanted.Length)
            && wanted.Zip(segments).All(pair => pair.First == Star || pair.First == pair.Second);
    }
}
