namespace Webhooks.Domain.Messages;

/// <summary>The grammar of event type names: they travel in headers, URLs and filters.</summary>
public static class EventTypes
{
    public const int MaxLength = 128;

    /// <summary>Types that begin so are the service's own: webhooks may subscribe to them, nobody else may emit them.</summary>
    public const string ReservedPrefix = "webhook.";

    /// <summary>The type of the event that <c>~test</c> sends.</summary>
    public const string Test = ReservedPrefix + "test";

    /// <summary>A webhook of the company changed its health; sent to those of its webhooks that name the type.</summary>
    public const string Degraded = ReservedPrefix + "degraded";

    /// <inheritdoc cref="Degraded"/>
    public const string Paused = ReservedPrefix + "paused";

    /// <inheritdoc cref="Degraded"/>
    public const string Recovered = ReservedPrefix + "recovered";

    /// <inheritdoc cref="Degraded"/>
    public const string Disabled = ReservedPrefix + "disabled";

    /// <summary>A delivery used up its attempts; sent to those of the company's webhooks that name the type, with the event inside.</summary>
    public const string DeliveryExhausted = ReservedPrefix + "delivery_exhausted";

    public static bool IsReserved(string type) => type.StartsWith(ReservedPrefix, StringComparison.Ordinal);

    public static bool IsValid(ReadOnlySpan<char> type)
    {
        if (type.Length is 0 or > MaxLength || !char.IsAsciiLetterOrDigit(type[0]))
        {
            return false;
        }

        foreach (var c in type)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-' or ':' or '/'))
            {
                return false;
            }
        }

        return true;
    }

    public static Refusal? Refuse(string type, string field) =>
        IsValid(type) ? null : Refusal.Invalid(field, "event_type.form", $"Must be 1 to {MaxLength} characters of a-z, A-Z, 0-9, '.', '_', '-', ':' and '/', starting with a letter or digit.");
}
