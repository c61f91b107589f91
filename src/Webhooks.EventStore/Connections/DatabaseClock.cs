using Npgsql;

namespace Webhooks.EventStore;

/// <summary>
/// What the database's clock says, without asking each time: the last observation plus the time that has passed since,
/// by a clock that never jumps. Every node schedules by this one clock, however wrong its own is.
/// </summary>
public sealed class DatabaseClock(TimeProvider time)
{
    /// <summary>Older anchors give way even to an observation that seems behind: the two clocks may run unequally.</summary>
    private static readonly TimeSpan AnchorLifetime = TimeSpan.FromSeconds(30);

    private const string NowSql = "select clock_timestamp()";

    private Anchor? _anchor;

    /// <exception cref="InvalidOperationException">Nothing was observed yet.</exception>
    public DateTimeOffset Now => Estimate(Volatile.Read(ref _anchor) ?? throw new InvalidOperationException("The database's clock was not observed yet."));

    /// <summary>An observation is always late by its way here: of several, the latest time is nearest the truth.</summary>
    public void Observe(DateTimeOffset databaseNow)
    {
        var current = Volatile.Read(ref _anchor);
        if (current is null || databaseNow > Estimate(current) || time.GetElapsedTime(current.Timestamp) > AnchorLifetime)
        {
            Interlocked.CompareExchange(ref _anchor, new Anchor(databaseNow, time.GetTimestamp()), current);
        }
    }

    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public async Task Synchronize(NpgsqlDataSource dataSource, CancellationToken ct) => Observe(await DatabaseFailures.Typed(async () =>
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(NowSql, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return await reader.GetFieldValueAsync<DateTimeOffset>(0, ct);
    }));

    private DateTimeOffset Estimate(Anchor anchor) => anchor.DatabaseNow + time.GetElapsedTime(anchor.Timestamp);

    private sealed record Anchor(DateTimeOffset DatabaseNow, long Timestamp);
}
