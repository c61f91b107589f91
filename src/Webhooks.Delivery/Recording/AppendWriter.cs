using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Observing;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Recording;

/// <summary>
/// The node's one writer of the hot path. Accepts and outcomes that arrive while a batch is on its way form the next
/// batch: one round trip, one transaction, no linger. One member's failure never becomes another's: the offender is taken
/// out and alone gets its error, the rest is written again.
/// </summary>
public sealed class AppendWriter : IAsyncDisposable
{
    private static readonly TimeSpan ClockInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(1);

    /// <summary>Broken connections in a row that are replaced at once: what broke one has often broken others of the pool.</summary>
    private const int QuickRetries = 3;

    private readonly AppendIntake _intake;
    private readonly AppendBatch _batch = new();
    private readonly AppendOffenders _offenders;
    private readonly AppendRoom _room;
    private readonly NpgsqlDataSource _dataSource;
    private readonly LogSignal _signal;
    private readonly DatabaseClock _clock;
    private readonly TimeProvider _time;
    private readonly AppendMetrics _metrics;
    private readonly ILogger<AppendWriter> _log;
    private readonly Task _loop;
    private NpgsqlConnection? _connection;
    private long _clockReadAt;
    private bool _isAway;
    private volatile bool _stopping;

    public AppendWriter(NpgsqlDataSource dataSource, LogSignal signal, DatabaseClock clock, DeliveryOptions options, TimeProvider time, AppendMetrics metrics, ILogger<AppendWriter> log)
    {
        (_dataSource, _signal, _clock, _time, _metrics, _log) = (dataSource, signal, clock, time, metrics, log);
        _offenders = new AppendOffenders(dataSource);
        _room = new AppendRoom(options, time);
        _intake = new AppendIntake(_room);
        metrics.Observe(() => _room.Waiting);
        _loop = Task.Run(Run);
    }

    /// <summary>Accepts are refused at once where too many, or too large ones, wait already, or the database does not answer. Outcomes are always taken.</summary>
    public Task<AppendOutcome> Append(PendingAppend append)
    {
        if (!_intake.TryAdd(append))
        {
            append.Complete(AppendOutcome.Unavailable.Instance);
        }

        return append.Completion;
    }

    /// <summary>Writes what waits, then stops. Where the database is away it does not wait for it: outcomes that can't be written are sent again later.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _intake.Close();
        await _loop;
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }
    }

    private async Task Run()
    {
        var members = new List<PendingAppend>();
        while (await _intake.HasMore())
        {
            _intake.Take(members);
            try
            {
                _room.BeginWriting();
                await Write(members);
            }
            catch (Exception e)
            {
                // Nothing may end this loop: every accept and every outcome of the node passes through it.
                _log.LogError(e, "A batch of {Count} appends failed for a reason that is not the database's", members.Count);
                members.ForEach(m => m.Fail(e));
            }
            finally
            {
                _room.EndWriting();
            }
        }
    }

    private async Task Write(List<PendingAppend> members)
    {
        var retries = 0;
        Exception? failure = null;
        while (members.Count > 0)
        {
            try
            {
                switch (failure)
                {
                    case null:
                        var started = _time.GetTimestamp();
                        await Execute(members);
                        _metrics.Committed(members.Count, _time.GetElapsedTime(started));
                        members.ForEach(static m => m.Complete(AppendOutcome.Committed.Instance));
                        _signal.Notify();
                        _isAway = false;
                        return;
                    case PostgresException e when AppendOffenders.Knows(e):
                        await _offenders.TakeOut(e, members);
                        break;
                    case PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected }:
                        // Rolled back as a whole, and the other side has gone on.
                        break;
                    case PostgresException e when !DatabaseFailures.IsUnavailable(e) && !EndsSession(e) && !RanOutOfTime(e):
                        await Split(members, e);
                        return;
                    default:
                        await WaitForDatabase(members, failure, retries++);
                        await _offenders.TakeOutKnown(members);
                        break;
                }

                failure = null;
            }
            catch (Exception e) when (e is PostgresException || DatabaseFailures.IsUnavailable(e))
            {
                failure = e;
            }
        }
    }

    private async Task Execute(List<PendingAppend> members)
    {
        var connection = await Connected();
        if (!Sequences.AreNeeded(members))
        {
            await WriteAll(connection, members, batch => Committing(members, batch));
            return;
        }

        await using var transaction = await connection.BeginTransactionAsync();
        await Sequences.Assign(connection, members);
        await WriteAll(connection, members, static batch => batch());
        await Committing(members, () => transaction.CommitAsync());
    }

    private async Task WriteAll(NpgsqlConnection connection, List<PendingAppend> members, Func<Func<Task>, Task> run)
    {
        var readClock = _time.GetElapsedTime(_clockReadAt) > ClockInterval;
        await using var batch = _batch.Build(connection, members, readClock);

        // No round trip once the connection knows the statement.
        await batch.PrepareAsync();
        if (!readClock)
        {
            await run(() => batch.ExecuteNonQueryAsync());
            return;
        }

        object? now = null;
        await run(async () => now = await batch.ExecuteScalarAsync());
        _clock.Observe((DateTime)now!);
        _clockReadAt = _time.GetTimestamp();
    }

    /// <summary>Only an error that the server reports says that nothing was committed. Anything else says nothing.</summary>
    private static async Task Committing(List<PendingAppend> members, Func<Task> commit)
    {
        try
        {
            await commit();
        }
        catch (Exception e) when (!IsRolledBack(e))
        {
            members.ForEach(static m => m.MayBeCommitted = true);
            throw;
        }
    }

    private static bool IsRolledBack(Exception e) => e is PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>
    /// Prepared statements keep plans made when the tables were small; with scans of whole tables ruled out they stay right.
    /// A node that stands still while it draws numbers must not hold up the others for longer than a lease.
    /// </summary>
    private async Task<NpgsqlConnection> OpenConnection()
    {
        var connection = await _dataSource.OpenConnectionAsync();
        await using var settings = new NpgsqlCommand("set enable_seqscan = off; set idle_in_transaction_session_timeout = '5s'", connection);
        await settings.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>An error may have been the last thing that came over a connection, which then broke without another word: a writer that kept it would fail for good.</summary>
    private async Task<NpgsqlConnection> Connected()
    {
        if (_connection is { State: not System.Data.ConnectionState.Open } broken)
        {
            _connection = null;
            await broken.DisposeAsync();
        }

        return _connection ??= await OpenConnection();
    }

    /// <summary>A value that PostgreSQL does not take: halves are written apart until the one that holds it stands alone.</summary>
    private async Task Split(List<PendingAppend> members, PostgresException e)
    {
        if (members.Count == 1)
        {
            _log.LogError("An append was rejected by the database: {SqlState} {Constraint}", e.SqlState, e.ConstraintName);
            members[0].Fail(e);
            return;
        }

        var half = members.Count / 2;
        await Write(members.GetRange(0, half));
        await Write(members.GetRange(half, members.Count - half));
    }

    /// <summary>
    /// The connection broke, so the batch may or may not be committed; or the database can't write, and then it is not.
    /// Accepts are given up when it does not come back at once: their emitters hear that it is so, or that it is not known.
    /// Outcomes stay: those requests were sent.
    /// </summary>
    private async Task WaitForDatabase(List<PendingAppend> members, Exception e, int retries)
    {
        if (!_isAway)
        {
            _isAway = true;
            _log.LogWarning("The append writer can't write to the database, and goes on trying: {Reason}", e.Message);
        }

        var wasConnected = _connection is not null;
        await Disconnect(e);
        if (wasConnected && retries < QuickRetries && !IsRolledBack(e))
        {
            return;
        }

        Refuse(members);
        _intake.Sift(Refuse);
        await Task.Delay(retries < 6 ? TimeSpan.FromMilliseconds(20 << retries) : MaxBackoff, _time);
    }

    private async Task Disconnect(Exception e)
    {
        if (e is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction })
        {
            // Another server writes now, and every connection that is open leads to the one that only reads.
            _dataSource.Clear();
        }

        if (_connection is { } left)
        {
            _connection = null;
            await left.DisposeAsync();
        }
    }

    /// <summary>By a limit of the operator's, or behind a lock of somebody's: the values are not at fault.</summary>
    private static bool RanOutOfTime(PostgresException e) => e.SqlState is PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable;

    /// <summary>Of no member's doing, whatever the reason.</summary>
    private static bool EndsSession(PostgresException e) => e.InvariantSeverity is "FATAL" or "PANIC";

    private void Refuse(List<PendingAppend> members)
    {
        members.RemoveAll(m =>
        {
            var refuse = m.IsAccept || _stopping;
            if (refuse)
            {
                m.Complete(AppendOutcome.Unavailable.Instance);
            }

            return refuse;
        });
    }
}
