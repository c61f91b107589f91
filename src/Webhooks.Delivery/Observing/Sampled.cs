using Microsoft.Extensions.Logging;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Observing;

/// <summary>Numbers that cost a query: asked for every few seconds while somebody looks at them, however many look, and never when nobody does.</summary>
/// <param name="what">For the log: "The queue could not be measured".</param>
/// <param name="take">One bounded query.</param>
public sealed class Sampled<T>(string what, Func<CancellationToken, Task<T>> take, TimeProvider time, ILogger log) where T : class
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Long enough for those who look once a minute.</summary>
    private static readonly TimeSpan Interest = TimeSpan.FromMinutes(3);

    /// <summary>No number says that the database is away better than an old one does.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    private Sample? _last;
    private long _askedAt = time.GetTimestamp();

    /// <summary>Null where there is none yet, or none that is fresh.</summary>
    public T? Current
    {
        get
        {
            Volatile.Write(ref _askedAt, time.GetTimestamp());
            return Volatile.Read(ref _last) is { } last && time.GetElapsedTime(last.TakenAt) < MaxAge ? last.Value : null;
        }
    }

    public async Task Run(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (time.GetElapsedTime(Volatile.Read(ref _askedAt)) < Interest)
                {
                    Volatile.Write(ref _last, new Sample(await take(ct), time.GetTimestamp()));
                }

                await Task.Delay(Interval, time, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing may end this loop; the numbers are missing until it succeeds again.
                log.LogWarning(DatabaseFailures.Trace(e), "{What} could not be measured ({Reason}); trying again", what, e.Message);
                await Task.Delay(Interval, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private sealed record Sample(T Value, long TakenAt);
}
