using Npgsql;
using NpgsqlTypes;
using Webhooks.Delivery.Ownership;
using Webhooks.Domain;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Health;

/// <summary>
/// Sends what was parked for a webhook that is back, oldest first and in chunks that grow: a receiver that has just come up
/// is not flooded. The next chunk goes out when the last one is worked off, so a slow receiver sets the pace. Any node may
/// take the next step; the table remembers how far it went.
/// </summary>
public sealed class ParkedDrains(NpgsqlDataSource dataSource, ShardLeases shards, DeliveryOptions options, LogSignal started)
{
    private const string Begin = """
        insert into delivery.drains (webhook_id) select $1
        where exists (select from delivery.queue where webhook_id = $1 and due_at = 'infinity')
        on conflict (webhook_id) do nothing
        """;

    // A delivery may be parked in the very moment in which its webhook comes back. Steps from webhook to webhook: parked rows may be a million.
    private const string BeginLeftBehind = """
        with recursive parked as (
            (select webhook_id from delivery.queue where due_at = 'infinity' order by webhook_id limit 1)
            union all
            select (select q.webhook_id from delivery.queue q where q.due_at = 'infinity' and q.webhook_id > p.webhook_id order by q.webhook_id limit 1)
            from parked p where p.webhook_id is not null)
        insert into delivery.drains (webhook_id)
        select p.webhook_id from parked p join read.webhooks w on w.webhook_id = p.webhook_id
        where w.status = 'active' and not exists (select from delivery.pauses where webhook_id = p.webhook_id)
        on conflict (webhook_id) do nothing
        """;
    private const string Take = """
        select d.webhook_id, d.chunk, d.released,
            exists (select from read.webhooks w where w.webhook_id = d.webhook_id and w.status = 'active')
            and not exists (select from delivery.pauses p where p.webhook_id = d.webhook_id)
        from delivery.drains d where d.next_at <= now() order by d.next_at limit 1 for update skip locked
        """;
    private const string Next = "select greatest(next_at - now(), '1 ms') from delivery.drains order by next_at limit 1";
    private const string Open = "select count(*) from delivery.queue where delivery_id = any ($1) and (due_at is null or due_at <= now())";

    // Ordered ones by their numbers: a later one of a key would wait for an earlier one that is parked still. Rows that are
    // being written are left for the next chunk: waiting for them might be waiting in a circle.
    private const string Release = """
        with oldest as (
            select delivery_id from delivery.queue where webhook_id = $1 and due_at = 'infinity' and ordering_key is null
            order by delivery_id limit $2 for update skip locked),
        first as (
            select delivery_id from delivery.queue where webhook_id = $1 and due_at = 'infinity' and ordering_key is not null
            order by sequence limit $2 for update skip locked)
        update delivery.queue q set due_at = greatest(now(), deliver_at)
        from (select delivery_id from oldest union all select delivery_id from first) r where q.delivery_id = r.delivery_id
        returning q.delivery_id, q.shard
        """;
    private const string Advance = "update delivery.drains set chunk = $2, released = $3, next_at = now() + $4 where webhook_id = $1";
    private const string End = "delete from delivery.drains where webhook_id = $1";

    /// <summary>Begins, unless nothing is parked or it has begun.</summary>
    public async Task Start(WebhookId webhook, CancellationToken ct)
    {
        await using var begin = dataSource.CreateCommand(Begin);
        begin.Parameters.Add(Uuid(webhook.Value));
        await begin.ExecuteNonQueryAsync(ct);
        started.Notify();
    }

    /// <summary>Begins for every webhook that takes deliveries while some are parked for it.</summary>
    public async Task StartLeftBehind(CancellationToken ct)
    {
        await using var begin = dataSource.CreateCommand(BeginLeftBehind);
        if (await begin.ExecuteNonQueryAsync(ct) > 0)
        {
            started.Notify();
        }
    }

    /// <summary>One step of every drain whose time has come. Returns how many deliveries were released.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var released = 0;
        while (await Step(ct) is { } count)
        {
            released += count;
        }

        return released;
    }

    /// <summary>How long until the next step; null where there is nothing to drain.</summary>
    public async Task<TimeSpan?> NextStep(CancellationToken ct)
    {
        await using var next = dataSource.CreateCommand(Next);
        return await next.ExecuteScalarAsync(ct) as TimeSpan?;
    }

    /// <returns>Null: no drain's time has come.</returns>
    private async Task<int?> Step(CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (await TakeOne(connection, ct) is not { } drain)
        {
            return null;
        }

        var released = await Step(connection, drain, ct);
        await transaction.CommitAsync(ct);
        foreach (var shard in released.Select(r => r.Shard).Distinct())
        {
            shards.WorkIsDue(shard);
        }

        return released.Count;
    }

    private async Task<IReadOnlyList<(Guid Delivery, short Shard)>> Step(NpgsqlConnection connection, Drain drain, CancellationToken ct)
    {
        if (!drain.MayGoOn)
        {
            await Execute(connection, End, ct, Uuid(drain.Webhook));
            return [];
        }

        // Almost all: one request that hangs shall not hold up the rest.
        if (await Scalar<long>(connection, Open, ct, Uuids(drain.Released)) > drain.Chunk / 10)
        {
            await Save(connection, drain, ct);
            return [];
        }

        var chunk = options.Health.NextChunk(drain.Chunk);
        var released = await ReleaseOldest(connection, drain.Webhook, chunk, ct);
        if (released.Count == 0)
        {
            await Execute(connection, End, ct, Uuid(drain.Webhook));
            return [];
        }

        await Save(connection, drain with { Chunk = chunk, Released = [.. released.Select(r => r.Delivery)] }, ct);
        return released;
    }

    private static async Task<Drain?> TakeOne(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var take = new NpgsqlCommand(Take, connection);
        await using var reader = await take.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new Drain(reader.GetGuid(0), reader.GetInt32(1), await reader.GetFieldValueAsync<Guid[]>(2, ct), reader.GetBoolean(3))
            : null;
    }

    private static async Task<List<(Guid Delivery, short Shard)>> ReleaseOldest(NpgsqlConnection connection, Guid webhook, int count, CancellationToken ct)
    {
        await using var release = new NpgsqlCommand(Release, connection) { Parameters = { Uuid(webhook), new NpgsqlParameter<int> { TypedValue = count } } };
        await using var reader = await release.ExecuteReaderAsync(ct);
        var released = new List<(Guid, short)>(count);
        while (await reader.ReadAsync(ct))
        {
            released.Add((reader.GetGuid(0), reader.GetInt16(1)));
        }

        return released;
    }

    private Task Save(NpgsqlConnection connection, Drain drain, CancellationToken ct) => Execute(
        connection, Advance, ct, Uuid(drain.Webhook), new NpgsqlParameter<int> { TypedValue = drain.Chunk }, Uuids(drain.Released),
        new NpgsqlParameter<TimeSpan> { TypedValue = options.Health.DrainInterval });

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<T> Scalar<T>(NpgsqlConnection connection, string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return (T)(await command.ExecuteScalarAsync(ct))!;
    }

    private static NpgsqlParameter<Guid> Uuid(Guid value) => new() { TypedValue = value };

    private static NpgsqlParameter<Guid[]> Uuids(Guid[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid };

    private sealed record Drain(Guid Webhook, int Chunk, Guid[] Released, bool MayGoOn);
}
