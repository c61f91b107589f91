using System.Runtime.CompilerServices;
using Npgsql;
using Webhooks.Domain;

namespace Webhooks.EventStore;

/// <summary>The log on PostgreSQL: append to streams, read streams, follow the whole log in commit order.</summary>
/// <param name="dataSource">Made by <see cref="PostgresDataSource"/>; not disposed here.</param>
/// <param name="inline">Read models written in the transaction of every append through a session.</param>
/// <param name="signal">Notified after each commit.</param>
/// <remarks>Every method throws <see cref="DatabaseUnavailableException"/> where the database cannot be reached.</remarks>
public sealed class PostgresEventStore(NpgsqlDataSource dataSource, IReadOnlyList<IInlineProjection> inline, LogSignal signal, TimeProvider time)
{
    /// <summary>Opens one transaction. Dispose the session; what was not saved is rolled back.</summary>
    public Task<EventSession> OpenSession(CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        var connection = await dataSource.OpenConnectionAsync(ct);
        try
        {
            return new EventSession(connection, await connection.BeginTransactionAsync(ct), inline, signal, new CommitInquiry(dataSource, time));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    });

    /// <param name="fromVersion">The first version wanted, from 1.</param>
    /// <param name="maxCount">At most so many facts.</param>
    public Task<IReadOnlyList<StoredFact>> ReadStream(Guid streamId, int fromVersion, int maxCount, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        return await LogReader.ReadStream(connection, streamId, fromVersion, maxCount, ct);
    });

    /// <summary>Folds a stream, whole or as it stood.</summary>
    /// <param name="atVersion">The last version to fold; null: all.</param>
    /// <param name="at">
    /// Folds up to the first fact recorded after it. Times are those of transactions' starts, which may overtake each other
    /// by the length of a transaction: what is folded is always a beginning of the stream, never one with a gap.
    /// </param>
    public async Task<FetchedStream<TState>> AggregateStream<TState, TFact>(
        Guid streamId, TState initial, Func<TState, TFact, TState> evolve, int? atVersion, DateTimeOffset? at, CancellationToken ct)
        where TFact : Fact
    {
        var facts = await ReadStream(streamId, 1, atVersion ?? int.MaxValue, ct);
        if (at is { } until)
        {
            facts = [.. facts.TakeWhile(f => f.RecordedAt <= until)];
        }

        return facts.Fold(initial, evolve);
    }

    /// <summary>
    /// The next facts in commit order. Facts newer than the oldest running transaction are held back:
    /// no fact can appear later at or before a position that was returned.
    /// </summary>
    /// <param name="maxCount">The page's size; a shorter page means the end, for now.</param>
    public Task<IReadOnlyList<StoredFact>> ReadLog(LogPosition after, int maxCount, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        return await LogReader.ReadLog(connection, after, maxCount, ct);
    });

    /// <summary>The log from a position to its end as it is reached, page by page; no connection is held between pages.</summary>
    public async IAsyncEnumerable<StoredFact> Replay(LogPosition after, int pageSize, [EnumeratorCancellation] CancellationToken ct)
    {
        IReadOnlyList<StoredFact> page;
        do
        {
            page = await ReadLog(after, pageSize, ct);
            foreach (var fact in page)
            {
                yield return fact;
                after = fact.Position;
            }
        }
        while (page.Count == pageSize);
    }
}
