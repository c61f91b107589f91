using Npgsql;
using NpgsqlTypes;

namespace Webhooks.EventStore;

/// <summary>
/// Where a subscription stands. The lock is advisory because a row lock would take a transaction id,
/// and with it hold back every other reader of the log while this one merely reads.
/// </summary>
internal static class Checkpoint
{
    private const string TryLockSql = "select pg_try_advisory_xact_lock(hashtextextended('es.checkpoints:' || $1::text, 0))";
    private const string LockSql = "select pg_advisory_xact_lock(hashtextextended('es.checkpoints:' || $1::text, 0))";
    private const string ReadSql = "select tx, seq from es.checkpoints where name = $1::text";
    private const string ResetSql = "delete from es.checkpoints where name = $1::text";

    /// <summary>The lock lets one at a time through; should it ever fail us, the old position is the fence.</summary>
    private const string MoveIfUnmovedSql = """
        insert into es.checkpoints (name, tx, seq) values ($1::text, $2::xid8, $3::bigint)
        on conflict (name) do update set tx = excluded.tx, seq = excluded.seq, updated_at = now()
        where (checkpoints.tx, checkpoints.seq) = ($4::xid8, $5::bigint)
        """;

    /// <summary>The position, or null where another transaction has the lock.</summary>
    public static async Task<LogPosition?> TryTake(string name, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(Named(TryLockSql, name));
        batch.BatchCommands.Add(Named(ReadSql, name));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var taken = reader.GetBoolean(0);
        await reader.NextResultAsync(ct);
        return taken ? await ReadPosition(reader, ct) : null;
    }

    public static async Task<LogPosition> Read(string name, NpgsqlConnection connection, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Named(ReadSql, name));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        return await ReadPosition(reader, ct);
    }

    public static async Task Move(string name, LogPosition from, LogPosition to, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(MoveIfUnmovedSql, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        AddPosition(command.Parameters, to);
        AddPosition(command.Parameters, from);
        if (await command.ExecuteNonQueryAsync(ct) != 1)
        {
            throw new InvalidOperationException($"The checkpoint of '{name}' was moved by another transaction.");
        }
    }

    /// <summary>Waits for a run in progress, then goes back to the start.</summary>
    public static async Task Reset(string name, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(Named(LockSql, name));
        batch.BatchCommands.Add(Named(ResetSql, name));
        await batch.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlBatchCommand Named(string sql, string name)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return command;
    }

    private static void AddPosition(NpgsqlParameterCollection parameters, LogPosition position)
    {
        parameters.Add(new NpgsqlParameter<ulong> { TypedValue = position.Tx, NpgsqlDbType = NpgsqlDbType.Xid8 });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Seq });
    }

    private static async Task<LogPosition> ReadPosition(NpgsqlDataReader reader, CancellationToken ct) =>
        await reader.ReadAsync(ct)
            ? new LogPosition(await reader.GetFieldValueAsync<ulong>(0, ct), reader.GetInt64(1))
            : LogPosition.Start;
}
