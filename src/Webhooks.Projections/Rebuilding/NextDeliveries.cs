using Npgsql;

namespace Webhooks.Projections.Rebuilding;

/// <summary>
/// A table like read.deliveries in a schema of its own, with the same key and indexes by the same names,
/// so that moving it over leaves the schema as the migrations made it.
/// </summary>
internal static class NextDeliveries
{
    public const string Schema = "read_next";

    /// <summary>What a rebuild that was broken off left behind goes away. The key is there from the start: pages look rows up by it.</summary>
    private const string CreateSql = $"""
        drop schema if exists {Schema} cascade;
        create schema {Schema};
        create table {Schema}.deliveries (like read.deliveries including defaults);
        """;

    private const string KeySql = $"""
        select format('alter table {Schema}.%I add constraint %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
        from pg_constraint k join pg_class c on c.oid = k.conrelid
        where k.conrelid = 'read.deliveries'::regclass and k.contype = 'p'
        """;

    private const string IndexesSql = $"""
        select replace(pg_get_indexdef(i.indexrelid), ' ON read.', ' ON {Schema}.')
        from pg_index i where i.indrelid = 'read.deliveries'::regclass and not i.indisprimary
        """;

    private const string AnalyzeSql = $"analyze {Schema}.deliveries";

    private const string ReplaceSql = $"""
        drop table read.deliveries;
        alter table {Schema}.deliveries set schema read;
        drop schema {Schema};
        """;

    public static async Task Create(NpgsqlConnection connection, CancellationToken ct)
    {
        await Execute(connection, CreateSql, ct);
        await ExecuteAll(connection, KeySql, ct);
    }

    /// <summary>After most rows are there: making an index once is cheaper than keeping it.</summary>
    /// <returns>How many indexes were made.</returns>
    public static async Task<int> Index(NpgsqlConnection connection, CancellationToken ct)
    {
        var made = await ExecuteAll(connection, IndexesSql, ct);
        await Execute(connection, AnalyzeSql, ct);
        return made;
    }

    public static Task Replace(NpgsqlConnection connection, CancellationToken ct) => Execute(connection, ReplaceSql, ct);

    /// <summary>Runs the statements that a query over the catalogue returns.</summary>
    private static async Task<int> ExecuteAll(NpgsqlConnection connection, string query, CancellationToken ct)
    {
        var statements = new List<string>();
        await using (var command = new NpgsqlCommand(query, connection))
        {
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                statements.Add(reader.GetString(0));
            }
        }

        foreach (var statement in statements)
        {
            await Execute(connection, statement, ct);
        }

        return statements.Count;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}
