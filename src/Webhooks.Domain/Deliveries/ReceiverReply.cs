using System.Globalization;

namespace Webhooks.Domain.Deliveries;

/// <summary>What a receiver asks for beyond taking or refusing a message. The head of its response decides, also where the body broke off.</summary>
/// <param name="RetryAfter">With 429 and 503: not before this time from the response on; above zero, at most <see cref="MaxRetryAfter"/>.</param>
/// <param name="Disables">It takes nothing more: 410, or <c>webhook-delivery: disable</c> with any status.</param>
/// <param name="Aborts">It will never take this message: <c>webhook-delivery: abort-message</c>, unless it has just taken it (2xx).</param>
public readonly record struct ReceiverReply(TimeSpan? RetryAfter, bool Disables, bool Aborts)
{
    /// <summary>Beyond it a receiver's word is taken for this much: nobody means ten years.</summary>
    public static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(24);

    public const string Header = "webhook-delivery";

    public const int Gone = 410;
    public const int TooManyRequests = 429;
    private const int ServiceUnavailable = 503;

    public static ReceiverReply Of(Attempt attempt)
    {
        if (attempt.StatusCode is not { } status)
        {
            return default;
        }

        var retryAfter = status is TooManyRequests or ServiceUnavailable ? ReadRetryAfter(attempt) : null;
        return new(retryAfter, status == Gone || Wishes(attempt, "disable"), status is < 200 or > 299 && Wishes(attempt, "abort-message"));
    }

    /// <summary>A receiver that is asked too often has not failed, and an attempt that our side could not make was none.</summary>
    public static bool SpendsNothing(Attempt attempt) => attempt.StatusCode == TooManyRequests || attempt.Failure is FailureClass.Internal or FailureClass.Proxy;

    /// <summary>Statuses that promise another answer to the same request.</summary>
    public static bool IsWorthRetrying(int status) => status is 408 or 425 or TooManyRequests or >= 500;

    private static TimeSpan? ReadRetryAfter(Attempt attempt)
    {
        // A date is the receiver's clock, so its own Date is what to count from.
        var sentAt = Values(attempt, "Date").Select(ReadDate).FirstOrDefault(d => d is not null) ?? attempt.StartedAt.AddMicroseconds(attempt.DurationUs);
        var longest = TimeSpan.Zero;
        foreach (var value in Values(attempt, "Retry-After"))
        {
            var wait = ReadSeconds(value) ?? (ReadDate(value) - sentAt) ?? TimeSpan.Zero;
            longest = wait > longest ? wait : longest;
        }

        return longest <= TimeSpan.Zero ? null : longest < MaxRetryAfter ? longest : MaxRetryAfter;
    }

    /// <summary>Digits alone, as many as there are: what does not fit is more than the cap all the same.</summary>
    private static TimeSpan? ReadSeconds(string value) =>
        value.Length == 0 || !value.All(char.IsAsciiDigit) ? null
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= (long)MaxRetryAfter.TotalSeconds ? TimeSpan.FromSeconds(seconds)
        : MaxRetryAfter;

    private static readonly string[] DateForms = ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    /// <summary>The three forms of RFC 9110 §5.6.7.</summary>
    private static DateTimeOffset? ReadDate(string value) =>
        DateTimeOffset.TryParseExact(value, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite, out var date) ? date : null;

    private static IEnumerable<string> Values(Attempt attempt, string name) =>
        attempt.ResponseHeaders.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value.Trim());

    /// <summary>Asked of every response: without the header it costs nothing.</summary>
    private static bool Wishes(Attempt attempt, string wish)
    {
        foreach (var header in attempt.ResponseHeaders.AsSpan())
        {
            if (header.Name.Equals(Header, StringComparison.OrdinalIgnoreCase)
                && header.Value.Split(',', StringSplitOptions.TrimEntries).Contains(wish, StringComparer.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
