using Npgsql;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Messages;

/// <summary>Lets nobody append to the log of a database until disposed.</summary>
internal sealed class BlockedLog : IAsyncDisposable
{
    /// <summary>Databases that are clones of one another have the same number for the table, and the locks of the whole cluster are shown.</summary>
    private const string IsWaitedForSql = """
        select exists (
            select from pg_locks l join pg_database d on d.oid = l.database
            where not l.granted and l.relation = 'es.events'::regclass and d.datname = current_database())
        """;

    private readonly TestDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private BlockedLog(TestDatabase database, NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (_database, _connection, _transaction) = (database, connection, transaction);

    public static async Task<BlockedLog> Of(TestDatabase database)
    {
        var connection = await database.DataSource.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("lock table es.events in exclusive mode", connection, transaction);
        await command.ExecuteNonQueryAsync();
        return new BlockedLog(database, connection, transaction);
    }

    /// <summary>Returns when somebody is about to append.</summary>
    public Task IsWaitedFor() => Eventually.Is(
        async () =>
        {
            await using var command = _database.DataSource.CreateCommand(IsWaitedForSql);
            return (bool)(await command.ExecuteScalarAsync())!;
        },
        "the writer waits for the log");

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
