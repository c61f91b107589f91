using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webhooks.EventStore;

/// <summary>Hears of other nodes' commits, on a connection of its own.</summary>
public sealed class LogListener(NpgsqlDataSource dataSource, LogSignal signal, NodeName node, TimeProvider time, ILogger<LogListener> log)
{
    private const string ListenSql = $"listen {LogNotifier.Channel}";
    private const string ProbeSql = "select 1";

    /// <summary>A connection whose other end is gone looks like a silent one: ask now and then.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>Until cancelled. Reconnects when the connection is lost.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        for (var failures = 0; !ct.IsCancellationRequested;)
        {
            try
            {
                await using var connection = await Listen(ct);
                failures = 0;
                while (true)
                {
                    if (!await connection.WaitAsync(Silence, ct))
                    {
                        await Execute(connection, ProbeSql, ct);
                    }
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Wake-ups are hints: followers go on by polling until we are back.
                var pause = Backoff.After(failures++);
                log.LogWarning(DatabaseFailures.Trace(e), "Not listening for other nodes' commits ({Reason}); connecting again in {Pause}", e.Message, pause);
                await Backoff.Wait(pause, time, ct);
            }
        }
    }

    private async Task<NpgsqlConnection> Listen(CancellationToken ct)
    {
        var connection = await dataSource.OpenConnectionAsync(ct);
        try
        {
            // First listen, then hear: a pooled connection may still carry what its last user listened to.
            await Execute(connection, ListenSql, ct);
            connection.Notification += (_, notification) =>
            {
                if (notification.Payload != node.Value)
                {
                    signal.Wake();
                }
            };
            // What was committed while nobody listened.
            signal.Wake();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
