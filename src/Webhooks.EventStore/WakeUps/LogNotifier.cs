using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webhooks.EventStore;

/// <summary>
/// Tells the other nodes that this one committed. Never inside a transaction that appends: NOTIFY takes a lock
/// over the whole database at commit, which cut the throughput of appends by two thirds.
/// </summary>
public sealed class LogNotifier(NpgsqlDataSource dataSource, LogSignal signal, NodeName node, TimeProvider time, ILogger<LogNotifier> log)
{
    internal const string Channel = "es_log";
    private const string NotifySql = "select pg_notify($1::text, $2::text)";

    /// <summary>However many commits there are, so seldom goes one notification out.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private long _told;

    /// <summary>Notifies where there were commits since the last time.</summary>
    /// <returns>Whether it did.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken ct)
    {
        var commits = signal.LocalCommits;
        if (commits == _told)
        {
            return false;
        }

        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(NotifySql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Channel });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = node.Value });
        await command.ExecuteNonQueryAsync(ct);
        _told = commits;
        return true;
    }

    /// <summary>Until cancelled. A failure is logged and tried again.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        for (var failures = 0; !ct.IsCancellationRequested;)
        {
            try
            {
                var seen = signal.Version;
                var notified = await RunOnceAsync(ct);
                failures = 0;
                await (notified ? Task.Delay(Interval, time, ct) : signal.Wait(seen, Idle, ct));
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Others still poll: a lost notification costs them a moment, a dead loop would cost it for ever.
                var pause = Backoff.After(failures++);
                log.LogWarning(DatabaseFailures.Trace(e), "Other nodes could not be notified ({Reason}); trying again in {Pause}", e.Message, pause);
                await Backoff.Wait(pause, time, ct);
            }
        }
    }
}

/// <summary>Tells a node's own notifications from those of others; unique per process.</summary>
public sealed record NodeName(string Value);
