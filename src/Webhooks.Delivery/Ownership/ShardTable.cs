using Npgsql;

namespace Webhooks.Delivery.Ownership;

/// <summary>
/// How shards change hands in the database. Whoever takes a shard away from a node, its owner included, holds the shard's
/// lock alone: nothing that was begun under the old epoch is committed afterwards.
/// </summary>
internal sealed class ShardTable(Guid node)
{
    private const string Standing = """
        select n.living, n.earlier, s.shard, s.epoch
        from (
            select count(*) as living, count(*) filter (where l.lock_key < (select lock_key from delivery.nodes where node_id = $1)) as earlier
            from delivery.living_nodes l where l.delivers) n
        left join delivery.shards s on s.owner = $1
        """;

    /// <summary>One taker at a time, so that nodes that look at once don't want the same shards.</summary>
    private const string OneTaker = "select pg_advisory_xact_lock(7303, 0)";
    private const string Free = """
        select s.shard from delivery.shards s
        where s.owner is null or not exists (select from delivery.living_nodes n where n.node_id = s.owner)
        order by s.shard limit $1
        """;
    private const string LockShards = "select pg_advisory_xact_lock(7302, s) from (select unnest($1) as s order by 1) o";

    // Others wait as little for one that stands still, or is cut off, while it holds these locks.
    private const string LimitWait = "set local lock_timeout = '1s'; set local idle_in_transaction_session_timeout = '5s'";
    private const string Take = "update delivery.shards set owner = $1, epoch = epoch + 1 where shard = any ($2)";
    private const string GiveUp = "update delivery.shards set owner = null, epoch = epoch + 1 where owner = $1 and shard = any ($2)";
    private const string TakeAnew = "update delivery.shards set epoch = epoch + 1 where owner = $1 and shard = any ($2)";
    private const string DueLater = """
        with later as (
            update delivery.queue set due_at = clock_timestamp() + $3 where delivery_id = any ($1) and shard = any ($2) and due_at is null
            returning delivery_id, version, due_at)
        insert into delivery.still_sending (delivery_id, version, node_id, until) select delivery_id, version, $4, due_at from later
        """;
    private const string DueNow = """
        with orphaned as (
            delete from delivery.still_sending s
            where s.until < now() or not exists (select from delivery.living_nodes n where n.node_id = s.node_id)
            returning s.delivery_id, s.version)
        update delivery.queue q set due_at = now()
        from orphaned o where q.delivery_id = o.delivery_id and q.version = o.version and q.due_at > now()
        """;
    private const string EndHolders = """
        select count(pg_terminate_backend(l.pid)) from pg_locks l
        where l.locktype = 'advisory' and l.classid = 7302 and l.objsubid = 2 and l.objid = any ($1::bigint[]::oid[]) and l.granted and l.pid <> pg_backend_pid()
          and l.database = (select oid from pg_database where datname = current_database())
        """;

    /// <summary>How many nodes deliver, how many of them came before this one, and what this one holds.</summary>
    public async Task<(int Living, int Earlier, List<HeldShard> Held)> Read(NpgsqlConnection session, CancellationToken ct)
    {
        await using var command = Command(session, Standing, node);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var (living, earlier, held) = (0, 0, new List<HeldShard>());
        while (await reader.ReadAsync(ct))
        {
            (living, earlier) = ((int)reader.GetInt64(0), (int)reader.GetInt64(1));
            if (!await reader.IsDBNullAsync(2, ct))
            {
                held.Add(new HeldShard(reader.GetInt16(2), reader.GetInt64(3)));
            }
        }

        return (living, earlier, held);
    }

    /// <summary>What a node that has ended was still sending, in shards that it had given up, is due.</summary>
    public static Task SendForTheDead(NpgsqlConnection session, CancellationToken ct) => Execute(session, DueNow, ct);

    /// <summary>Takes shards that nobody living owns. What a dead or frozen owner's sessions still hold open is ended.</summary>
    /// <returns>How many were taken.</returns>
    public async Task<int> TakeFree(NpgsqlConnection session, int wanted, CancellationToken ct)
    {
        short[] free = [];
        try
        {
            await using var transaction = await session.BeginTransactionAsync(ct);
            await Execute(session, LimitWait, ct);
            await Execute(session, OneTaker, ct);
            free = await ReadFree(session, wanted, ct);
            if (free.Length == 0)
            {
                return 0;
            }

            await Execute(session, LockShards, ct, free);
            await Execute(session, Take, ct, node, free);
            await transaction.CommitAsync(ct);
            return free.Length;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            await Execute(session, EndHolders, ct, Array.ConvertAll(free, s => (long)s));
            return 0;
        }
    }

    /// <summary>Lets go of shards: others may take them at once.</summary>
    /// <param name="underWay">Requests of this node that will still be recorded: nobody else sends them for <paramref name="grace"/>, while this node lives.</param>
    public Task LetGo(NpgsqlConnection session, short[] shards, Guid[] underWay, TimeSpan grace, CancellationToken ct) =>
        ChangeHands(session, GiveUp, shards, underWay, grace, ct);

    /// <summary>Keeps the shards under a new epoch: nothing that was begun under the old one can still be committed.</summary>
    public Task BeginAnew(NpgsqlConnection session, short[] shards, Guid[] underWay, TimeSpan grace, CancellationToken ct) =>
        ChangeHands(session, TakeAnew, shards, underWay, grace, ct);

    private async Task ChangeHands(NpgsqlConnection session, string change, short[] shards, Guid[] underWay, TimeSpan grace, CancellationToken ct)
    {
        await using var transaction = await session.BeginTransactionAsync(ct);
        await Execute(session, LimitWait, ct);
        await Execute(session, LockShards, ct, shards);
        await Execute(session, change, ct, node, shards);
        await Execute(session, DueLater, ct, underWay, shards, grace, node);
        await transaction.CommitAsync(ct);
    }

    private static async Task<short[]> ReadFree(NpgsqlConnection session, int wanted, CancellationToken ct)
    {
        await using var command = Command(session, Free, wanted);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var free = new List<short>();
        while (await reader.ReadAsync(ct))
        {
            free.Add(reader.GetInt16(0));
        }

        return [.. free];
    }

    private static async Task Execute(NpgsqlConnection session, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(session, sql, values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlCommand Command(NpgsqlConnection session, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, session);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
