using Npgsql;
using Webhooks.Domain;

namespace Webhooks.EventStore;

/// <summary>
/// One transaction: fetch streams, append to them, add other statements, save all or nothing. Not for several threads. It has a
/// connection of the pool until it is disposed: nothing that takes another one may be awaited before.
/// </summary>
public sealed class EventSession : IAsyncDisposable
{
    /// <summary>
    /// The time of the transaction comes with the first fetch, before the facts: what was committed before that
    /// carries an earlier time, so that times do not run backwards in a stream.
    /// </summary>
    private const string NowSql = "select now()";
    private const string LockSql = "select pg_advisory_xact_lock(hashtextextended($1, 0))";
    private const string TransactionSql = "select pg_current_xact_id()";

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly IReadOnlyList<IInlineProjection> _inline;
    private readonly LogSignal _signal;
    private readonly CommitInquiry _inquiry;
    private readonly List<NewFact> _facts = [];
    private readonly Dictionary<Guid, IReadOnlyList<StoredFact>> _fetched = [];
    private readonly List<Action<NpgsqlBatch>> _enlisted = [];
    private DateTimeOffset? _now;
    private bool _ended;

    internal EventSession(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<IInlineProjection> inline, LogSignal signal, CommitInquiry inquiry) =>
        (_connection, _transaction, _inline, _signal, _inquiry) = (connection, transaction, inline, signal, inquiry);

    /// <summary>The stream's state, and the version that an append decided on it must expect.</summary>
    public Task<FetchedStream<TState>> FetchForWriting<TState, TFact>(Guid streamId, TState initial, Func<TState, TFact, TState> evolve, CancellationToken ct)
        where TFact : Fact => DatabaseFailures.Typed(async () =>
    {
        await using var batch = new NpgsqlBatch(_connection, _transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(NowSql));
        batch.BatchCommands.Add(LogReader.StreamCommand(streamId, 1, int.MaxValue));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        _now = await reader.GetFieldValueAsync<DateTimeOffset>(0, ct);
        await reader.NextResultAsync(ct);
        var facts = await LogReader.ReadAll(reader, ct);
        _fetched[streamId] = facts;
        return facts.Fold(initial, evolve);
    });

    /// <summary>
    /// Waits for other transactions that hold the lock of this name, and holds it to this one's end: for decisions that rest
    /// on more than the streams they append to.
    /// </summary>
    public Task Lock(string name, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = new NpgsqlCommand(LockSql, _connection, _transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await command.ExecuteNonQueryAsync(ct);
    });

    /// <summary>Runs a query in the transaction, on its connection; it sees what is committed by then.</summary>
    public Task<T> Query<T>(NpgsqlCommand command, Func<NpgsqlDataReader, Task<T>> read, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        (command.Connection, command.Transaction) = (_connection, _transaction);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await read(reader);
    });

    /// <param name="expectedVersion">The stream's version before these facts; 0 starts it.</param>
    public void Append(Guid streamId, int expectedVersion, IReadOnlyList<Fact> facts, FactMeta meta)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        for (var i = 0; i < facts.Count; i++)
        {
            _facts.Add(new NewFact(streamId, expectedVersion + 1 + i, facts[i], meta));
        }
    }

    /// <summary>Adds statements to the same transaction; they run after the facts and the inline projections.</summary>
    public void Enlist(Action<NpgsqlBatch> statements) => _enlisted.Add(statements);

    /// <summary>Writes everything and commits. The session is at its end then, whatever the result.</summary>
    /// <exception cref="DatabaseUnavailableException">Nothing was saved.</exception>
    /// <exception cref="CommitOutcomeUnknownException">The connection was lost at the commit and the outcome could not be learnt.</exception>
    public async Task<SaveResult> SaveChanges(CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        _ended = true;
        var rows = new FactRows();
        _facts.ForEach(rows.Add);
        SaveResult.Saved saved;
        try
        {
            saved = await DatabaseFailures.Typed(() => Write(rows, ct));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return e.ConstraintName == "events_one_per_version" ? new SaveResult.VersionConflict() : new SaveResult.UniqueViolation(e.ConstraintName ?? "");
        }

        await Commit(saved.Tx, rows);
        _signal.Notify();
        return saved;
    }

    /// <summary>Rolls back what was not saved.</summary>
    public async ValueTask DisposeAsync()
    {
        _ended = true;
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task<SaveResult.Saved> Write(FactRows rows, CancellationToken ct)
    {
        var now = _now ??= await ReadNow(ct);
        await using var batch = new NpgsqlBatch(_connection, _transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(TransactionSql));
        rows.AddTo(batch);
        if (_inline.Count > 0)
        {
            await Project(now, batch, ct);
        }

        _enlisted.ForEach(add => add(batch));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var tx = await reader.GetFieldValueAsync<ulong>(0, ct);
        while (await reader.NextResultAsync(ct))
        {
            // An error of a later statement surfaces when its result is reached.
        }

        return new SaveResult.Saved(tx, now);
    }

    /// <summary>Where a version is taken, what is projected here is rolled back with the rest.</summary>
    private async Task Project(DateTimeOffset now, NpgsqlBatch batch, CancellationToken ct)
    {
        foreach (var stream in _facts.GroupBy(f => f.StreamId))
        {
            var first = stream.First().Version;
            List<StoredFact> earlier = first == 1 ? [] : [.. (await Fetched(stream.Key, ct)).Where(f => f.Version < first)];
            foreach (var fact in stream)
            {
                var (company, actor, correlation) = fact.Meta;
                var stored = new StoredFact(LogPosition.Start, fact.StreamId, fact.Version, FactCatalogue.NameOf(fact.Fact), company, actor, correlation, now, fact.Fact);
                foreach (var projection in _inline)
                {
                    projection.Apply(stored, earlier, batch);
                }

                earlier.Add(stored);
            }
        }
    }

    private async Task<IReadOnlyList<StoredFact>> Fetched(Guid streamId, CancellationToken ct) =>
        _fetched.TryGetValue(streamId, out var facts) ? facts : await LogReader.ReadStream(_connection, streamId, 1, int.MaxValue, ct);

    private async Task<DateTimeOffset> ReadNow(CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(NowSql, _connection, _transaction);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return await reader.GetFieldValueAsync<DateTimeOffset>(0, ct);
    }

    /// <summary>From here there is no way back: a cancelled wait would leave the caller not knowing what it did.</summary>
    private async Task Commit(ulong tx, FactRows rows)
    {
        try
        {
            await _transaction.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException e) when (DatabaseFailures.IsUnavailable(e))
        {
            if (!await _inquiry.WasCommitted(tx, rows, e))
            {
                throw new DatabaseUnavailableException(e);
            }
        }
    }
}
