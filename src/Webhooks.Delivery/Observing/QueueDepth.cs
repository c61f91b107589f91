using System.Diagnostics.Metrics;
using System.Text.Json;
using Npgsql;

namespace Webhooks.Delivery.Observing;

/// <param name="Due">And taken by no node yet.</param>
/// <param name="OldestDueSeconds">How long the first of them has been due.</param>
internal sealed record QueueSample(long Due, long Scheduled, long Parked, double OldestDueSeconds);

/// <summary>How much waits in the queue table of the installation, and for how long. What is counted has a limit; beyond it the planner's estimate stands.</summary>
internal static class QueueDepth
{
    /// <summary>An index scan over so many rows takes a few milliseconds.</summary>
    public const int MostCounted = 10_000;

    private const string Due = "from delivery.queue where due_at <= now()";
    private const string Scheduled = "from delivery.queue where due_at > now() and due_at < 'infinity'";
    private const string Parked = "from delivery.queue where due_at = 'infinity'";
    private const string OldestDue = $"select extract(epoch from now() - due_at)::float8 {Due} order by due_at limit 1";

    public static async Task<QueueSample> Take(NpgsqlDataSource dataSource, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var (due, scheduled, parked) = (await Count(connection, Due, ct), await Count(connection, Scheduled, ct), await Count(connection, Parked, ct));
        await using var oldest = new NpgsqlCommand(OldestDue, connection);
        return new QueueSample(due, scheduled, parked, await oldest.ExecuteScalarAsync(ct) as double? ?? 0);
    }

    public static void Observe(Meter meter, Sampled<QueueSample> sampled)
    {
        meter.CreateObservableGauge(
            "webhooks.queue.deliveries",
            () => sampled.Current is { } s ? new[] { In("due", s.Due), In("scheduled", s.Scheduled), In("parked", s.Parked) } : [],
            "{delivery}",
            $"Deliveries of the installation that wait in the database, by state: due, scheduled or parked. Exact below {MostCounted}, an estimate from there on. The same on every node that delivers.");
        meter.CreateObservableGauge<double>(
            "webhooks.queue.oldest_due_age",
            () => sampled.Current is { } s ? [new(s.OldestDueSeconds)] : [],
            "s",
            "How long the oldest delivery has been due that no node has taken yet; 0 when there is none. The same on every node that delivers.");
    }

    private static async Task<long> Count(NpgsqlConnection connection, string rows, CancellationToken ct)
    {
        await using var count = new NpgsqlCommand($"select count(*) from (select {rows} limit {MostCounted}) q", connection);
        var counted = (long)(await count.ExecuteScalarAsync(ct))!;
        if (counted < MostCounted)
        {
            return counted;
        }

        await using var explain = new NpgsqlCommand($"explain (format json) select {rows}", connection);
        using var plan = JsonDocument.Parse((string)(await explain.ExecuteScalarAsync(ct))!);
        return Math.Max(counted, plan.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetInt64());
    }

    private static Measurement<long> In(string state, long count) => new(count, new KeyValuePair<string, object?>("state", state));
}
