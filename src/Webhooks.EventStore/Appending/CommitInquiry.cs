using Npgsql;
using NpgsqlTypes;

namespace Webhooks.EventStore;

/// <summary>Finds out what became of a transaction whose commit was not answered.</summary>
internal sealed class CommitInquiry(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>About ten seconds in all: longer than a restart of PostgreSQL, shorter than a client's patience.</summary>
    private const int Attempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The server may still be at the commit when we ask, so that finding nothing would prove nothing:
    /// its own word on the transaction comes first.
    /// </summary>
    private const string StatusSql = "select pg_xact_status($1::xid8)";

    /// <summary>A standby that took over may know another transaction by that id: the facts themselves decide.</summary>
    private const string RowsSql = """
        select stream_id, version, correlation, data from es.events
        where stream_id = any($1::uuid[]) and version = any($2::integer[]) and correlation = any($3::uuid[])
        """;

    /// <exception cref="CommitOutcomeUnknownException">No answer within the attempts.</exception>
    public async Task<bool> WasCommitted(ulong tx, FactRows rows, Exception cause)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                if (await Ask(tx, rows) is { } committed)
                {
                    return committed;
                }
            }
            catch (NpgsqlException e) when (DatabaseFailures.IsUnavailable(e))
            {
                cause = e;
            }

            await Task.Delay(Pause, time);
        }

        throw new CommitOutcomeUnknownException(cause);
    }

    private async Task<bool?> Ask(ulong tx, FactRows rows)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(StatusSql, connection);
        command.Parameters.Add(new NpgsqlParameter<ulong> { TypedValue = tx, NpgsqlDbType = NpgsqlDbType.Xid8 });
        var status = await command.ExecuteScalarAsync() as string;
        return status switch
        {
            "in progress" => null,
            "aborted" => false,
            "committed" when rows.Count == 0 => true,
            _ => await HoldsAll(connection, rows),
        };
    }

    private static async Task<bool> HoldsAll(NpgsqlConnection connection, FactRows rows)
    {
        await using var command = new NpgsqlCommand(RowsSql, connection);
        command.Parameters.Add(new NpgsqlParameter<List<Guid>> { TypedValue = rows.StreamIds, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter<List<int>> { TypedValue = rows.Versions, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter<List<Guid>> { TypedValue = rows.Correlations, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<(Guid, int), (Guid Correlation, byte[] Data)>();
        while (await reader.ReadAsync())
        {
            found[(reader.GetGuid(0), reader.GetInt32(1))] = (reader.GetGuid(2), await reader.GetFieldValueAsync<byte[]>(3));
        }

        for (var i = 0; i < rows.Count; i++)
        {
            if (!found.TryGetValue((rows.StreamIds[i], rows.Versions[i]), out var row)
                || row.Correlation != rows.Correlations[i]
                || !row.Data.AsSpan().SequenceEqual(rows.Data[i]))
            {
                return false;
            }
        }

        return true;
    }
}
