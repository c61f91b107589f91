using Npgsql;
using Webhooks.EventStore;

namespace Webhooks.Projections;

/// <summary>How far behind the log an answer from an async read model is.</summary>
/// <param name="Position">The last fact that the answer knows of.</param>
/// <param name="Age">Since the oldest fact that it does not know of was recorded; zero when it knows all.</param>
public sealed record Freshness(LogPosition Position, TimeSpan Age)
{
    /// <summary>
    /// Asked before the rows themselves, each statement with its own view of the data: the rows are never older than said.
    /// One probe of the checkpoint and one of the log's index.
    /// </summary>
    private const string Sql = """
        select c.tx, c.seq, coalesce(
            (select now() - e.recorded_at from es.events e where (e.tx, e.seq) > (c.tx, c.seq) order by e.tx, e.seq limit 1),
            interval '0')
        from (select coalesce(max(tx), '0'::xid8) tx, coalesce(max(seq), 0) seq from es.checkpoints where name = $1) c
        """;

    internal static NpgsqlBatchCommand Command(string projection)
    {
        var command = new NpgsqlBatchCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection });
        return command;
    }

    /// <summary>Reads the answer to <see cref="Command"/> and goes on to the next result.</summary>
    internal static async Task<Freshness> Read(NpgsqlDataReader reader, CancellationToken ct)
    {
        await reader.ReadAsync(ct);
        var position = new LogPosition(await reader.GetFieldValueAsync<ulong>(0, ct), reader.GetInt64(1));
        var age = reader.GetTimeSpan(2);
        await reader.NextResultAsync(ct);
        return new Freshness(position, age < TimeSpan.Zero ? TimeSpan.Zero : age);
    }
}
