namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// A rate limit as a token bucket that holds one token, or what falls due in 50 ms where that is more: starts are evenly
/// spaced, and only what a late timer cost may be made up. In no stretch of time do more than 105 % of the count start, and
/// not one too many where the rate is 20 per second or less.
/// </summary>
internal struct Pacer
{
    private const long MadeUp = TimeSpan.TicksPerMillisecond * 50;
    private long _next;

    /// <summary>Nothing that happened still counts.</summary>
    public readonly bool IsAtRest(long now) => now >= _next;

    /// <param name="now">In ticks, of a clock that never goes back.</param>
    /// <param name="interval">In ticks, between two starts.</param>
    /// <param name="freeAt">When to ask again, where there is no token.</param>
    public bool TryTake(long now, long interval, out long freeAt)
    {
        freeAt = _next - (interval < MadeUp ? MadeUp : 0);
        if (now < freeAt)
        {
            return false;
        }

        _next = Math.Max(_next, now) + interval;
        return true;
    }
}
