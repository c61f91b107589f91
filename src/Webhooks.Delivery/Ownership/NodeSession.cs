using Npgsql;

namespace Webhooks.Delivery.Ownership;

/// <summary>
/// This node's place among the living: a row with a lease, and an advisory lock that PostgreSQL frees when the process is
/// gone. Nodes that only accept have one too, so that nobody rebuilds the schedule under them.
/// </summary>
internal sealed class NodeSession(NpgsqlDataSource dataSource, DeliveryOptions options) : IAsyncDisposable
{
    /// <summary>Told to all nodes whenever the number of nodes or the owner of a shard has changed.</summary>
    public const string Channel = "webhooks_shards";

    private const string Register = """
        insert into delivery.nodes (node_id, name, delivers, lease_until) values ($1, $2, $3, clock_timestamp() + $4)
        on conflict (node_id) do update set lease_until = excluded.lease_until
        returning lock_key
        """;

    // Never waited for: the server may take this node's last session, whose line went dead, for alive until its keepalives fail.
    private const string HoldLock = "select pg_try_advisory_lock(7301, $1)";
    private const string NewKey = "update delivery.nodes set lock_key = default where node_id = $1 returning lock_key";
    private const string RenewLease = "update delivery.nodes set lease_until = clock_timestamp() + $2 where node_id = $1";
    private const string EndShare = "update delivery.nodes set delivers = false, lease_until = clock_timestamp() + $2 where node_id = $1";
    private const string Unregister = "delete from delivery.nodes where node_id = $1";
    private const string Forget = "delete from delivery.nodes n where n.lease_until < now() - interval '1 day' and not exists (select from delivery.shards s where s.owner = n.node_id)";
    private const string Notify = $"select pg_notify('{Channel}', '')";

    /// <summary>All of it takes a moment: what is not answered by then went out on a line that is dead.</summary>
    private const int AnswerSeconds = 10;

    private NpgsqlConnection? _connection;

    public Guid Node { get; } = Guid.NewGuid();

    /// <summary>Renews the lease; joins first where this node is not registered, or its connection was lost.</summary>
    /// <returns>The connection that holds the lock, for what else the round has to ask.</returns>
    public async Task<NpgsqlConnection> Renew(CancellationToken ct)
    {
        try
        {
            return await RenewOrJoin(ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            // Another server writes now, and every connection that is open leads to the one that only reads.
            dataSource.Clear();
            await DisposeAsync();
            throw;
        }
    }

    private async Task<NpgsqlConnection> RenewOrJoin(CancellationToken ct)
    {
        if (_connection is { State: System.Data.ConnectionState.Open } connection)
        {
            await using var renew = Command(connection, RenewLease, Node, options.Lease);
            if (await renew.ExecuteNonQueryAsync(ct) == 1)
            {
                return connection;
            }

            // Frozen for so long that the others have forgotten it: it joins anew.
        }

        await DisposeAsync();
        return _connection = await Join(ct);
    }

    /// <summary>From here on the others divide the shards among themselves. This node lives on until it has left, for this long at most.</summary>
    public static Task EndShareOf(Guid node, NpgsqlConnection connection, TimeSpan until) => Execute(connection, EndShare, CancellationToken.None, node, until);

    public async Task Leave()
    {
        if (_connection is { State: not System.Data.ConnectionState.Open })
        {
            // Lost since the last round. The row is still there, unless the database is away too.
            await DisposeAsync();
            _connection = await dataSource.OpenConnectionAsync();
        }

        if (_connection is { } connection)
        {
            await Execute(connection, Unregister, CancellationToken.None, Node);
        }

        await DisposeAsync();
    }

    public static Task TellOthers(NpgsqlConnection connection, CancellationToken ct) => Execute(connection, Notify, ct);

    /// <summary>The next round joins anew. Doing it twice is doing it once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private async Task<NpgsqlConnection> Join(CancellationToken ct)
    {
        var connection = await dataSource.OpenConnectionAsync(ct);
        try
        {
            await Execute(connection, Forget, ct);
            var key = await Scalar<int>(connection, Register, ct, Node, Environment.MachineName, options.Delivers, options.Lease);
            while (!await Scalar<bool>(connection, HoldLock, ct, key))
            {
                key = await Scalar<int>(connection, NewKey, ct, Node);
            }

            await TellOthers(connection, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<T> Scalar<T>(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return (T)(await command.ExecuteScalarAsync(ct))!;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = AnswerSeconds };
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
