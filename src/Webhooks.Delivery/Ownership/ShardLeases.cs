using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Recovery;
using Webhooks.Domain;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Ownership;

/// <summary>
/// Which shards this node delivers. A shard whose owner's lease ran out, or whose owner's session ended, is taken; what
/// the owner held in memory is due again. Taking over a shard is safe even from an owner that is only slow: the version
/// of each delivery's stream lets only one outcome of an attempt into the log.
/// </summary>
public sealed class ShardLeases(NpgsqlDataSource dataSource, QueueTable queue, DueSignal due, LogSignal elsewhere, DeliveryOptions options, TimeProvider time, ILogger<ShardLeases> log)
{
    public const short ShardCount = 64;

    /// <summary>First half of the advisory lock that a living node holds.</summary>
    private const int LockClass = 7301;
    private const string Register = "insert into delivery.nodes (node_id, name) values ($1, $2) on conflict (node_id) do update set name = excluded.name returning lock_key";
    private const string HoldLock = "select pg_advisory_lock($1, $2)";
    private const string Renew = "update delivery.shards set lease_until = clock_timestamp() + $2 where owner = $1 returning shard, epoch";
    private const string Acquire = """
        update delivery.shards s
        set owner = $1, epoch = s.epoch + 1, lease_until = clock_timestamp() + $2
        where s.owner is distinct from $1
          and (s.owner is null or s.lease_until < clock_timestamp() or not exists (
            select from delivery.nodes n
            join pg_locks l on l.locktype = 'advisory' and l.classid = 7301 and l.objsubid = 2 and l.objid::bigint = n.lock_key and l.granted
              and l.database = (select oid from pg_database where datname = current_database())
            where n.node_id = s.owner))
        returning shard, epoch
        """;
    private const string GiveUp = "update delivery.shards set owner = null, lease_until = '-infinity' where owner = $1";
    private const string Unregister = "delete from delivery.nodes where node_id = $1";

    private readonly Guid _node = Guid.NewGuid();
    private NpgsqlConnection? _session;
    private short[] _owned = [];
    private long[] _epochs = new long[ShardCount];
    private long _renewedAt;

    /// <summary>Empty on nodes that only accept, and when the lease may have run out.</summary>
    public short[] Owned => time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < options.Lease ? Volatile.Read(ref _owned) : [];

    /// <summary>By shard: the taking under which this node holds it. What is brought into memory belongs to that taking.</summary>
    public IReadOnlyList<long> Epochs => Volatile.Read(ref _epochs);

    /// <summary>Asked right before sending: a node that stood still, or had no database, may have been relieved meanwhile, and even be back.</summary>
    public bool Holds(short shard, long epoch) => Owned.Contains(shard) && Epochs[shard] == epoch;

    /// <summary>Where new deliveries are written: into a shard of this node where it has one, else into anybody's.</summary>
    public (short Number, bool IsMine) ForNewWork()
    {
        var owned = Owned;
        return owned.Length > 0 ? (owned[Random.Shared.Next(owned.Length)], true) : ((short)Random.Shared.Next(ShardCount), false);
    }

    /// <summary>Where deliveries to a webhook that one node alone serves are written: the shard that all nodes know from its id.</summary>
    public (short Number, bool IsMine) ForPinned(WebhookId webhook)
    {
        var shard = PinnedShard(webhook);
        return (shard, Owned.Contains(shard));
    }

    /// <summary>The last bits of the id, which are random and the same on every node.</summary>
    public static short PinnedShard(WebhookId webhook)
    {
        Span<byte> bytes = stackalloc byte[16];
        webhook.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return (short)(bytes[15] % ShardCount);
    }

    /// <summary>Rows that are due were written: this node loads them if the shard is its own, else the owner is woken.</summary>
    public void WorkIsDue()
    {
        if (Owned.Length > 0)
        {
            due.Now();
        }

        elsewhere.Notify();
    }

    /// <summary>Rows that may stand in the queue as if in this node's memory, but are not: they are made due when the database can be asked.</summary>
    public void Stranded(IEnumerable<DeliveryId> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            due.Stranded(delivery);
        }
    }

    /// <summary>Renews and takes leases until stopped, then gives them up.</summary>
    public async Task Run(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await RunOnce(ct);
                await Task.Delay(options.Lease / 5, time, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // The node stops; its shards are given up once it has drained.
            }
            catch (Exception e)
            {
                // Nothing may end this loop. Without a session others may take the shards; the fence keeps the log right.
                log.LogWarning(DatabaseFailures.Trace(e), "Shard leases could not be renewed ({Reason}); trying again", e.Message);
                await EndSession();
                await Task.Delay(options.Lease / 5, time, CancellationToken.None);
            }
        }
    }

    /// <summary>One round: renew what is held, take what is free. Returns how many shards are held.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var session = _session ??= await OpenSession(ct);
        var asked = time.GetTimestamp();
        var held = await Shards(session, Renew, ct);
        var taken = await Shards(session, Acquire, ct);
        if (taken.Count > 0)
        {
            // Before any new work goes to these shards: rows without a due time are the last owner's memory.
            var left = await queue.TakeOverShards([.. taken.Select(t => t.Shard)], ct);
            log.LogInformation("Took over {Shards} shards with {Deliveries} deliveries", taken.Count, left);
            held.AddRange(taken);
        }

        var epochs = new long[ShardCount];
        held.ForEach(h => epochs[h.Shard] = h.Epoch);
        Volatile.Write(ref _epochs, epochs);
        Volatile.Write(ref _owned, [.. held.Select(h => h.Shard)]);
        Volatile.Write(ref _renewedAt, asked);
        if (taken.Count > 0)
        {
            due.Now();
        }

        return held.Count;
    }

    /// <summary>Lets others take the shards at once.</summary>
    public async Task Release()
    {
        Volatile.Write(ref _owned, []);
        if (_session is { } session)
        {
            await Execute(session, GiveUp);
            await Execute(session, Unregister);
            await EndSession();
        }
    }

    private async Task<NpgsqlConnection> OpenSession(CancellationToken ct)
    {
        var connection = await dataSource.OpenConnectionAsync(ct);
        try
        {
            await using var register = new NpgsqlCommand(Register, connection) { Parameters = { new() { Value = _node }, new() { Value = Environment.MachineName } } };
            var key = (int)(await register.ExecuteScalarAsync(ct))!;
            await using var hold = new NpgsqlCommand(HoldLock, connection) { Parameters = { new() { Value = LockClass }, new() { Value = key } } };
            await hold.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task EndSession()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }

    private async Task<List<(short Shard, long Epoch)>> Shards(NpgsqlConnection session, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, session) { Parameters = { new() { Value = _node }, new() { Value = options.Lease } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var shards = new List<(short, long)>();
        while (await reader.ReadAsync(ct))
        {
            shards.Add((reader.GetInt16(0), reader.GetInt64(1)));
        }

        return shards;
    }

    private async Task Execute(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session) { Parameters = { new() { Value = _node } } };
        await command.ExecuteNonQueryAsync();
    }
}
