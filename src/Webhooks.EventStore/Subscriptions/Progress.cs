using Npgsql;
using NpgsqlTypes;

namespace Webhooks.EventStore;

internal static class Progress
{
    private const string HeadSql = """
        select tx, seq from es.events where tx < pg_snapshot_xmin(pg_current_snapshot())
        order by tx desc, seq desc limit 1
        """;

    private const string LagSql = """
        select count(*) from (
            select from es.events
            where (tx, seq) > ($1::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
            limit $3) waiting
        """;

    private const string OldestSql = """
        select clock_timestamp() - recorded_at from es.events
        where (tx, seq) > ($1::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
        order by tx, seq limit 1
        """;

    public static Task<SubscriptionProgress> Read(string name, NpgsqlDataSource dataSource, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var position = await Checkpoint.Read(name, connection, ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(HeadSql));
        batch.BatchCommands.Add(After(LagSql, position));
        batch.BatchCommands[1].Parameters.Add(new NpgsqlParameter<int> { TypedValue = SubscriptionProgress.MaxLagCounted });
        batch.BatchCommands.Add(After(OldestSql, position));

        await using var reader = await batch.ExecuteReaderAsync(ct);
        var head = await reader.ReadAsync(ct) ? new LogPosition(await reader.GetFieldValueAsync<ulong>(0, ct), reader.GetInt64(1)) : LogPosition.Start;
        await reader.NextResultAsync(ct);
        await reader.ReadAsync(ct);
        var lag = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        TimeSpan? oldest = await reader.ReadAsync(ct) ? reader.GetTimeSpan(0) : null;
        return new SubscriptionProgress(name, position, head, lag, oldest);
    });

    private static NpgsqlBatchCommand After(string sql, LogPosition position)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<ulong> { TypedValue = position.Tx, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Seq });
        return command;
    }
}
