using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Observing;

/// <summary>
/// How much waits in the queue table of the installation, and for how long. Asked every few seconds while somebody looks,
/// however many look; what is counted has a limit, and beyond it the planner's estimate stands.
/// </summary>
internal sealed class QueueDepth(NpgsqlDataSource dataSource, TimeProvider time, ILogger<QueueDepth> log)
{
    /// <summary>An index-only scan of so many rows takes about a millisecond.</summary>
    public const int MostCounted = 10_000;
    private const string OldestDue = "select extract(epoch from now() - due_at)::float8 from delivery.queue where due_at <= now() order by due_at limit 1";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Long enough for who pushes every minute.</summary>
    private static readonly TimeSpan Interest = TimeSpan.FromMinutes(3);

    /// <summary>Older numbers are not told: no number says that the database is away better than an old one.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    private static readonly (string State, string Where)[] States =
    [
        ("due", "due_at <= now()"),
        ("scheduled", "due_at > now() and due_at < 'infinity'"),
        ("parked", "due_at = 'infinity'"),
    ];

    private Sample? _last;
    private long _askedAt = time.GetTimestamp();

    public void Observe(Meter meter)
    {
        meter.CreateObservableGauge("webhooks.queue.deliveries", Depths, "{delivery}", $"Deliveries of the installation that wait in the database, by state: due, scheduled or parked. Exact up to {MostCounted:N0}, beyond it the planner's estimate. The same on every node.");
        meter.CreateObservableGauge("webhooks.queue.oldest_due_age", OldestDueAge, "s", "How long the oldest delivery has been due that no node has taken yet; 0 when none is. The same on every node.");
    }

    public async Task Run(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (time.GetElapsedTime(Volatile.Read(ref _askedAt)) < Interest)
                {
                    await RunOnce(ct);
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
                log.LogWarning(DatabaseFailures.Trace(e), "The queue could not be counted ({Reason}); trying again", e.Message);
                await Task.Delay(Interval, time, CancellationToken.None);
            }
        }
    }

    /// <summary>One look at the table.</summary>
    internal async Task RunOnce(CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var counts = new long[States.Length];
        for (var i = 0; i < States.Length; i++)
        {
            counts[i] = await Count(connection, States[i].Where, ct);
        }

        await using var oldest = new NpgsqlCommand(OldestDue, connection);
        Volatile.Write(ref _last, new Sample(counts, await oldest.ExecuteScalarAsync(ct) as double? ?? 0, time.GetTimestamp()));
    }

    private static async Task<long> Count(NpgsqlConnection connection, string where, CancellationToken ct)
    {
        await using var count = new NpgsqlCommand($"select count(*) from (select from delivery.queue where {where} limit {MostCounted}) q", connection);
        var counted = (long)(await count.ExecuteScalarAsync(ct))!;
        if (counted < MostCounted)
        {
            return counted;
        }

        await using var explain = new NpgsqlCommand($"explain (format json) select from delivery.queue where {where}", connection);
        using var plan = System.Text.Json.JsonDocument.Parse((string)(await explain.ExecuteScalarAsync(ct))!);
        return Math.Max(counted, plan.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetInt64());
    }

    private IEnumerable<Measurement<long>> Depths() => Current() is { } sample
        ? States.Select((s, i) => new Measurement<long>(sample.Counts[i], new KeyValuePair<string, object?>("state", s.State)))
        : [];

    private IEnumerable<Measurement<double>> OldestDueAge() => Current() is { } sample ? [new Measurement<double>(sample.OldestDueSeconds)] : [];

    private Sample? Current()
    {
        Volatile.Write(ref _askedAt, time.GetTimestamp());
        return Volatile.Read(ref _last) is { } last && time.GetElapsedTime(last.TakenAt) < MaxAge ? last : null;
    }

    private sealed record Sample(long[] Counts, double OldestDueSeconds, long TakenAt);
}
