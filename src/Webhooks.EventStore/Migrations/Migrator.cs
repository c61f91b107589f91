using System.Reflection;
using Npgsql;

namespace Webhooks.EventStore;

/// <summary>Brings the schema up to date: the steps embedded in the assemblies, in the order of their numbers, each in a transaction of its own.</summary>
/// <param name="assemblies">Those that carry <c>Schema/NNNN_name.sql</c>, and <c>Schema/after_restore.sql</c> where their tables hold transaction ids.</param>
public sealed class Migrator(NpgsqlDataSource dataSource, IReadOnlyList<Assembly> assemblies)
{
    /// <summary>Nodes that start together wait for one another; the lock goes with the connection.</summary>
    private const string LockSql = "select pg_advisory_lock(hashtextextended('es.migrations', 0))";
    private const string UnlockSql = "select pg_advisory_unlock(hashtextextended('es.migrations', 0))";

    private const string CreateTableSql = """
        create schema if not exists es;
        create table if not exists es.migrations (
            number      integer     primary key,
            name        text        not null,
            sha256      text        not null,
            applied_at  timestamptz not null default now()
        );
        """;

    private const string AppliedSql = "select number, name, sha256 from es.migrations order by number";
    private const string RecordSql = "insert into es.migrations (number, name, sha256) values ($1, $2, $3)";

    /// <returns>The names of the steps taken; none when the schema was up to date. <c>after_restore</c> stands for a log that came from another cluster.</returns>
    /// <exception cref="MigrationException">A step that ran was changed since, or the database is ahead of this version. Nothing was done.</exception>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public Task<IReadOnlyList<string>> Migrate(CancellationToken ct)
    {
        var known = Migration.From(assemblies);
        return DatabaseFailures.Typed(async () =>
        {
            await using var connection = await dataSource.OpenConnectionAsync(ct);
            await Execute(connection, LockSql, ct);
            try
            {
                return await Migrate(connection, known, ct);
            }
            finally
            {
                if (connection.State == System.Data.ConnectionState.Open)
                {
                    await Execute(connection, UnlockSql, CancellationToken.None);
                }
            }
        });
    }

    private async Task<IReadOnlyList<string>> Migrate(NpgsqlConnection connection, IReadOnlyList<Migration> known, CancellationToken ct)
    {
        await Execute(connection, CreateTableSql, ct);
        var applied = await ReadApplied(connection, ct);
        Check(applied, known);
        var taken = new List<string>();
        foreach (var migration in known.Where(m => !applied.ContainsKey(m.Number)))
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await Execute(connection, migration.Sql, ct);
            await Record(connection, migration, ct);
            await transaction.CommitAsync(ct);
            taken.Add(migration.Name);
        }

        if (applied.ContainsKey(1) && await RestoredLog.Restamp(connection, assemblies, ct))
        {
            taken.Add(RestoredLog.Step);
        }

        return taken;
    }

    private static void Check(Dictionary<int, (string Name, string Sha256)> applied, IReadOnlyList<Migration> known)
    {
        var byNumber = known.ToDictionary(m => m.Number);
        foreach (var (number, (name, sha256)) in applied)
        {
            if (!byNumber.TryGetValue(number, out var migration))
            {
                throw new MigrationException($"The database carries migration {number:0000} ({name}), which this version does not know; start the version that wrote it, or a newer one.");
            }

            if (migration.Sha256 != sha256)
            {
                throw new MigrationException($"Migration {number:0000} ({name}) was changed after it ran on this database; put the file back as it was and write the change as a new migration.");
            }
        }
    }

    private static async Task<Dictionary<int, (string Name, string Sha256)>> ReadApplied(NpgsqlConnection connection, CancellationToken ct)
    {
        var applied = new Dictionary<int, (string, string)>();
        await using var command = new NpgsqlCommand(AppliedSql, connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            applied[reader.GetInt32(0)] = (reader.GetString(1), reader.GetString(2));
        }

        return applied;
    }

    private static async Task Record(NpgsqlConnection connection, Migration migration, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(RecordSql, connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = migration.Number });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = migration.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = migration.Sha256 });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Without a time-out: another node's migration, or the filling of an index, takes as long as it takes.</summary>
    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}
