namespace Webhooks.EventStore;

/// <summary>How long a loop rests after failures in a row: 100 ms, twice as long each time, 10 s at most.</summary>
internal static class Backoff
{
    private const int Doublings = 7;
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <param name="failures">How many went before this one.</param>
    public static TimeSpan After(int failures) => failures < Doublings ? First * (1 << failures) : Longest;

    /// <summary>Returns early when cancelled: the loop sees that by itself.</summary>
    public static async Task Wait(TimeSpan pause, TimeProvider time, CancellationToken ct) =>
        await Task.Delay(pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
