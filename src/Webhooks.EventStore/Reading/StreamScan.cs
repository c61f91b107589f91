using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Webhooks.EventStore;

/// <summary>
/// Whole streams, one after another, for making inline read models anew. Reads everything committed, also what readers of the
/// log in commit order do not see yet: whoever uses it keeps the writers of those streams out.
/// </summary>
public static class StreamScan
{
    /// <summary>A cursor: the streams wanted are few, the log is long, and one pass over it finds them.</summary>
    private const string DeclareSql = """
        declare streams no scroll cursor for
        select tx, seq, stream_id, version, type, company_id, actor, correlation, recorded_at, data
        from es.events where type = any($1) order by stream_id, version
        """;

    private const string CloseSql = "close streams";

    /// <param name="types">Durable names of all facts that such streams may hold.</param>
    /// <param name="fetchSize">Facts to fetch at a time, from 1.</param>
    /// <returns>Each stream's facts in order. The connection is free between two of them.</returns>
    public static async IAsyncEnumerable<IReadOnlyList<StoredFact>> Streams(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string[] types, int fetchSize, [EnumeratorCancellation] CancellationToken ct)
    {
        await using (var declare = new NpgsqlCommand(DeclareSql, connection, transaction) { CommandTimeout = 0 })
        {
            declare.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = types });
            await declare.ExecuteNonQueryAsync(ct);
        }

        var stream = new List<StoredFact>();
        IReadOnlyList<StoredFact> fetched;
        while ((fetched = await Fetch(connection, transaction, fetchSize, ct)).Count > 0)
        {
            foreach (var fact in fetched)
            {
                if (stream.Count > 0 && stream[0].StreamId != fact.StreamId)
                {
                    yield return stream;
                    stream = [];
                }

                stream.Add(fact);
            }
        }

        if (stream.Count > 0)
        {
            yield return stream;
        }

        await using var close = new NpgsqlCommand(CloseSql, connection, transaction);
        await close.ExecuteNonQueryAsync(ct);
    }

    private static async Task<IReadOnlyList<StoredFact>> Fetch(NpgsqlConnection connection, NpgsqlTransaction transaction, int count, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"fetch {count} from streams"), connection, transaction) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await LogReader.ReadAll(reader, ct);
    }
}
