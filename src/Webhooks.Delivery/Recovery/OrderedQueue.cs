using Npgsql;
using NpgsqlTypes;
using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;

namespace Webhooks.Delivery.Recovery;

/// <summary>The SQL that takes ordered deliveries into memory: of each key the earliest, and what follows it without a gap.</summary>
public sealed class OrderedQueue(NpgsqlDataSource dataSource, QueueTable queue)
{
    /// <summary>Of one key at a time. After a failure one alone is tried: what follows would only come and go.</summary>
    private const int MaxRun = 100;

    private const string AnyDue = "select exists (select from delivery.queue where due_at <= now() and ordering_key is not null and shard = any ($1))";
    private const string NextDue = "select due_at from delivery.queue where due_at > now() and due_at < 'infinity' and ordering_key is not null and shard = any ($1) order by due_at limit 1";

    // From key to key along the index: 30 to 50 µs each, however long its queue. For 10,000 keys that wait for a receiver
    // that is down this is half a second, so it is done now and then only.
    private const string EveryKey = """
        with recursive keys as (
            select s.shard, k.webhook_id, k.ordering_key
            from unnest($1) as s (shard)
            cross join lateral (
                select q.webhook_id, q.ordering_key from delivery.queue q
                where q.shard = s.shard and q.ordering_key is not null
                order by q.webhook_id, q.ordering_key limit 1) k
            union all
            select k.shard, n.webhook_id, n.ordering_key
            from keys k
            cross join lateral (
                select q.webhook_id, q.ordering_key from delivery.queue q
                where q.shard = k.shard and q.ordering_key is not null and (q.webhook_id, q.ordering_key) > (k.webhook_id, k.ordering_key)
                order by q.webhook_id, q.ordering_key limit 1) n),
        """;

    // Whatever lets a delivery go, its due time or that of one of its key is of the moment when it did, or since ever; or a lane has ended.
    private const string ChangedKeys = """
        with keys as (
            select q.shard, q.webhook_id, q.ordering_key from delivery.queue q
            where (q.due_at > $5 or q.due_at = '-infinity') and q.due_at <= now() and q.ordering_key is not null and q.shard = any ($1)
            union
            select (get_byte(uuid_send(e.webhook_id), 15) & 63)::smallint, e.webhook_id, e.ordering_key collate "C" from unnest($6, $7) as e (webhook_id, ordering_key)),
        """;

    // The earliest of a key must itself be free to go: null means that it is in memory, later that it waits for its next attempt.
    private const string Claim = $"""
        heads as (
            select k.shard, k.webhook_id, k.ordering_key, h.sequence, h.failures
            from keys k
            cross join lateral (
                select q.sequence, q.failures, q.due_at from delivery.queue q
                where q.shard = k.shard and q.webhook_id = k.webhook_id and q.ordering_key = k.ordering_key and (q.deliver_at is null or q.deliver_at <= now())
                order by q.sequence limit 1) h
            where h.due_at <= now() and k.webhook_id <> all ($4)
              and not exists (select from delivery.blocked_keys b where b.webhook_id = k.webhook_id and b.ordering_key = k.ordering_key)),
        runs as (
            select r.delivery_id, r.place
            from heads h
            cross join lateral (
                select f.delivery_id,
                    row_number() over (order by f.sequence) as place,
                    bool_and(f.due_at is not null and f.due_at <= now()) over (order by f.sequence) as is_free
                from (
                    select q.delivery_id, q.sequence, q.due_at from delivery.queue q
                    where q.shard = h.shard and q.webhook_id = h.webhook_id and q.ordering_key = h.ordering_key and q.sequence >= h.sequence
                      and (q.deliver_at is null or q.deliver_at <= now())
                    order by q.sequence limit case when h.failures > 0 then 1 else $3 end) f) r
            where r.is_free
            order by r.place limit $2),
        locked as (
            select q.delivery_id, q.due_at from delivery.queue q
            where q.delivery_id = any (array(select delivery_id from runs)) and q.due_at <= now()
            for update skip locked),
        claimed as (
            update delivery.queue q set due_at = null
            from locked l join runs r on r.delivery_id = l.delivery_id
            where q.delivery_id = l.delivery_id
            returning q.*, l.due_at = '-infinity' as is_probe, r.place)
        select {QueueEntry.Columns}, is_probe, place from claimed
        """;

    /// <summary>Takes up to so many into memory, each key's in order. A message whose payload is gone comes as null.</summary>
    /// <exception cref="PostgresException">With <see cref="QueueTable.ShardsMoved"/>: the shards are not held under these epochs.</exception>
    /// <param name="behind">Webhooks that are passed by.</param>
    /// <param name="since">Only keys of which something became due since, and those of <paramref name="ended"/>; null: every key.</param>
    public async Task<IReadOnlyList<(QueueEntry Entry, EmittedMessage? Message)>> ClaimDue(
        short[] shards, IReadOnlyList<long> epochs, int limit, Guid[] behind, DateTimeOffset? since, IReadOnlyCollection<(WebhookId Webhook, string Key)> ended, CancellationToken ct)
    {
        await using (var any = Command(AnyDue, shards))
        {
            if (!(bool)(await any.ExecuteScalarAsync(ct))!)
            {
                return [];
            }
        }

        var claimed = new List<(QueueEntry Entry, long Place)>();
        // One transaction, in which the owner cannot change.
        await using (var batch = dataSource.CreateBatch())
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(QueueTable.AssertShards) { Parameters = { Shards(shards), new NpgsqlParameter<long[]> { TypedValue = [.. shards.Select(s => epochs[s])] } } });
            var claim = new NpgsqlBatchCommand((since is null ? EveryKey : ChangedKeys) + Claim)
            {
                Parameters =
                {
                    Shards(shards),
                    new NpgsqlParameter<int> { TypedValue = limit },
                    new NpgsqlParameter<int> { TypedValue = MaxRun },
                    new NpgsqlParameter<Guid[]> { TypedValue = behind, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                },
            };
            if (since is { } then)
            {
                claim.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = then.UtcDateTime });
                claim.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. ended.Select(e => e.Webhook.Value)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
                claim.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. ended.Select(e => e.Key)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            }

            batch.BatchCommands.Add(claim);
            await using var reader = await batch.ExecuteReaderAsync(ct);
            await reader.NextResultAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                claimed.Add((QueueEntry.Read(reader), reader.GetInt64(16)));
            }
        }

        return await queue.WithMessages(await WithoutGaps(claimed, epochs, ct), ct);
    }

    public async Task<DateTimeOffset?> NextDueAt(short[] shards, CancellationToken ct)
    {
        await using var command = Command(NextDue, shards);
        return await command.ExecuteScalarAsync(ct) is DateTime next ? new DateTimeOffset(next, TimeSpan.Zero) : null;
    }

    /// <summary>Someone else may have held or changed a row in the middle of a run: what follows it goes back.</summary>
    private async Task<IReadOnlyList<QueueEntry>> WithoutGaps(List<(QueueEntry Entry, long Place)> claimed, IReadOnlyList<long> epochs, CancellationToken ct)
    {
        var (kept, back) = (new List<QueueEntry>(claimed.Count), new List<DeliveryJob>());
        foreach (var run in claimed.GroupBy(c => (c.Entry.Webhook, c.Entry.OrderingKey)))
        {
            var expected = 1L;
            foreach (var (entry, place) in run.OrderBy(c => c.Place))
            {
                if (place == expected)
                {
                    kept.Add(entry);
                    expected++;
                }
                else
                {
                    back.Add(entry.Job(new EmittedMessage(entry.Message, default, "", default, [])) with { Epoch = epochs[entry.Shard] });
                }
            }
        }

        if (back.Count > 0)
        {
            await queue.MakeDueAgain(back, TimeSpan.Zero, ct);
        }

        return kept;
    }

    private NpgsqlCommand Command(string sql, short[] shards)
    {
        var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(Shards(shards));
        return command;
    }

    private static NpgsqlParameter<short[]> Shards(short[] shards) => new() { TypedValue = shards, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint };
}
