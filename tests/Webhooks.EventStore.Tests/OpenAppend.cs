using Npgsql;

namespace Webhooks.EventStore.Tests;

/// <summary>A transaction that has its id, may have written a fact, and is not committed yet.</summary>
public sealed class OpenAppend : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private OpenAppend(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public static async Task<OpenAppend> Begin(NpgsqlDataSource source, string? name)
    {
        var connection = await source.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var id = new NpgsqlCommand("select pg_current_xact_id()", connection, transaction);
        await id.ExecuteScalarAsync();
        var append = new OpenAppend(connection, transaction);
        if (name is not null)
        {
            await append.Write(name);
        }

        return append;
    }

    public async Task Write(string name)
    {
        var rows = new FactRows();
        rows.Add(Guid.CreateVersion7(), 1, EmptyLog.Named(name), EmptyLog.Meta);
        await using var batch = new NpgsqlBatch(_connection, _transaction);
        rows.AddTo(batch);
        await batch.ExecuteNonQueryAsync();
    }

    public Task Commit() => _transaction.CommitAsync();

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
