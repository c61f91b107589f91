using Npgsql;
using NpgsqlTypes;

namespace Webhooks.EventStore;

/// <summary>Whether a subscription has come as far as the log had come at some moment: what a reader of its own writes asks.</summary>
public static class CatchingUp
{
    /// <summary>Every committed fact counts, also one that an older transaction still holds back from subscriptions.</summary>
    private const string LastCommittedSql = "select tx, seq from es.events order by tx desc, seq desc limit 1";
    private const string HasPassedSql = "select exists (select from es.checkpoints where name = $1 and (tx, seq) >= ($2, $3))";

    /// <summary>Null where the log is empty.</summary>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public static Task<LogPosition?> LastCommitted(NpgsqlDataSource dataSource, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = dataSource.CreateCommand(LastCommittedSql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? new LogPosition(await reader.GetFieldValueAsync<ulong>(0, ct), reader.GetInt64(1)) : (LogPosition?)null;
    });

    /// <param name="name">The subscription's.</param>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public static Task<bool> HasPassed(string name, LogPosition position, NpgsqlDataSource dataSource, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = dataSource.CreateCommand(HasPassedSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<ulong> { TypedValue = position.Tx, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Seq });
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    });
}
