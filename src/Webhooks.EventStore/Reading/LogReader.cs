using Npgsql;
using NpgsqlTypes;
using Webhooks.Domain;

namespace Webhooks.EventStore;

/// <summary>
/// The statements that read facts. They are planned anew each time: a plan prepared on an empty table
/// would go on scanning it when it has grown.
/// </summary>
internal static class LogReader
{
    private const string StreamSql = """
        select tx, seq, stream_id, version, type, company_id, actor, correlation, recorded_at, data
        from es.events where stream_id = $1 and version >= $2 order by version limit $3
        """;

    /// <summary>
    /// Everything below the oldest transaction that still runs is decided: nothing can appear there any more.
    /// Compared as a row, so that the index on (tx, seq) answers it.
    /// </summary>
    private const string LogSql = """
        select tx, seq, stream_id, version, type, company_id, actor, correlation, recorded_at, data
        from es.events
        where (tx, seq) > ($1::xid8, $2::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
        order by tx, seq limit $3
        """;

    public static NpgsqlBatchCommand StreamCommand(Guid streamId, int fromVersion, int maxCount)
    {
        var command = new NpgsqlBatchCommand(StreamSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = streamId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = fromVersion });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = maxCount });
        return command;
    }

    public static async Task<IReadOnlyList<StoredFact>> ReadStream(NpgsqlConnection connection, Guid streamId, int fromVersion, int maxCount, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(StreamCommand(streamId, fromVersion, maxCount));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        return await ReadAll(reader, ct);
    }

    public static async Task<IReadOnlyList<StoredFact>> ReadLog(NpgsqlConnection connection, LogPosition after, int maxCount, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(LogSql, connection);
        command.Parameters.Add(new NpgsqlParameter<ulong> { TypedValue = after.Tx, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after.Seq });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = maxCount });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await ReadAll(reader, ct);
    }

    public static async Task<IReadOnlyList<StoredFact>> ReadAll(NpgsqlDataReader reader, CancellationToken ct)
    {
        var facts = new List<StoredFact>();
        while (await reader.ReadAsync(ct))
        {
            facts.Add(Read(reader));
        }

        return facts;
    }

    /// <exception cref="UnknownFactException">A newer version of the service wrote it.</exception>
    private static StoredFact Read(NpgsqlDataReader reader)
    {
        var type = reader.GetString(4);
        return new StoredFact(
            new LogPosition(reader.GetFieldValue<ulong>(0), reader.GetInt64(1)),
            reader.GetGuid(2),
            reader.GetInt32(3),
            type,
            new CompanyId(reader.GetGuid(5)),
            reader.IsDBNull(6) ? null : new ApiKeyId(reader.GetGuid(6)),
            reader.GetGuid(7),
            reader.GetFieldValue<DateTimeOffset>(8),
            FactCatalogue.Deserialize(type, reader.GetFieldValue<byte[]>(9)));
    }
}
