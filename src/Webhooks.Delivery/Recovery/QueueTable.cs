using Npgsql;
using NpgsqlTypes;
using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Recovery;

/// <summary>The SQL around waiting deliveries, apart from the group commit's.</summary>
public sealed class QueueTable(NpgsqlDataSource dataSource)
{
    /// <summary>SQLSTATE: shards have changed hands; nothing was done.</summary>
    public const string ShardsMoved = "WH002";

    internal const string AssertShards = "select delivery.assert_shards($1, $2)";

    // Whoever makes a row's due_at null holds it in memory from then on. A row that is due since ever is a probe.
    private const string Take = $"""

        claimed as (
            update delivery.queue q set due_at = null
            from due where q.delivery_id = due.delivery_id
            returning q.*, due.due_at as was_due_at)
        select {QueueEntry.Columns}, was_due_at = '-infinity', was_due_at
        from claimed order by was_due_at, delivery_id
        """;

    // Rows of webhooks that are behind are passed by; the position spares passing them again. Probes stand before any position.
    private const string Claim = """
        with probes as (
            select delivery_id, due_at from delivery.queue
            where due_at = '-infinity' and shard = any ($1) and ordering_key is null
            order by due_at, delivery_id
            limit $2
            for update skip locked),
        others as (
            select delivery_id, due_at from delivery.queue
            where due_at <= now() and due_at > '-infinity' and shard = any ($1) and ordering_key is null and (due_at, delivery_id) > ($3, $4) and webhook_id <> all ($5)
            order by due_at, delivery_id
            limit $2
            for update skip locked),
        due as (select * from probes union all select * from others),
        """ + Take;
    private const string ClaimOf = """
        with due as (
            select delivery_id, due_at from delivery.queue
            where due_at <= now() and due_at > '-infinity' and shard = any ($1) and ordering_key is null and webhook_id = $3
            order by due_at, delivery_id
            limit $2
            for update skip locked),
        """ + Take;
    private const string Payloads = "select message_id, company_id, type, emitted_at, body from es.payloads where message_id = any ($1)";
    private const string NextDue = "select due_at from delivery.queue where due_at is not null and due_at > now() and due_at < 'infinity' and shard = any ($1) and ordering_key is null order by due_at limit 1";
    private const string TakeOver = "update delivery.queue set due_at = now() where shard = any ($1) and due_at is null";
    private const string MakeDue = """
        update delivery.queue q set due_at = now() + $3
        from unnest($1, $2) as lost (delivery_id, epoch), delivery.shards s
        where q.delivery_id = lost.delivery_id and q.due_at is null and s.shard = q.shard and s.epoch = lost.epoch
        """;
    private const string ShareShards = "select pg_advisory_xact_lock_shared(7302, s) from (select unnest($1) as s order by 1) o";
    private const string WaitingOf = $"""
        select {QueueEntry.Columns}, false
        from delivery.queue
        where webhook_id = $1 and due_at is not null and (due_at < 'infinity' and (deliver_at is null or deliver_at <= now()) or $2) and delivery_id > $3
        order by delivery_id limit $4
        """;

    // A delivery is not parked before it is planned, and its id tells when that was: younger ones need no look into the log.
    private const string ParkedOf = $"""
        select {QueueEntry.Columns}, false
        from delivery.queue q
        where webhook_id = $1 and due_at = 'infinity' and delivery_id > $2 and delivery_id <= $3
          and delivery_id <= (lpad(to_hex((extract(epoch from now() - $4) * 1000)::bigint), 12, '0') || 'ffffffffffffffffffff')::uuid
          and (select max(e.recorded_at) from es.events e where e.stream_id = q.delivery_id) < now() - $4
        order by delivery_id limit $5
        """;
    private const string Unblock = "delete from delivery.blocked_keys where webhook_id = $1";

    /// <summary>Takes deliveries that are due into memory, but for those of <paramref name="behind"/>. A message whose payload is gone comes with a null payload.</summary>
    /// <exception cref="PostgresException">With <see cref="ShardsMoved"/>: the shards are not held under these epochs.</exception>
    public Task<Claimed> ClaimDue(short[] shards, long[] epochs, int limit, DuePosition after, Guid[] behind, CancellationToken ct) => ClaimWith(
        Claim, shards, epochs, ct, Value(limit), new NpgsqlParameter<DateTime> { TypedValue = after.DueAt, NpgsqlDbType = NpgsqlDbType.TimestampTz }, Value(after.Delivery), Array(NpgsqlDbType.Uuid, behind));

    /// <summary>The same for one webhook.</summary>
    /// <exception cref="PostgresException">With <see cref="ShardsMoved"/>: the shards are not held under these epochs.</exception>
    public Task<Claimed> ClaimDueOf(WebhookId webhook, short[] shards, long[] epochs, int limit, CancellationToken ct) =>
        ClaimWith(ClaimOf, shards, epochs, ct, Value(limit), Value(webhook.Value));

    private async Task<Claimed> ClaimWith(string sql, short[] shards, long[] epochs, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        var (entries, last) = await ClaimEntries(sql, shards, epochs, parameters, ct);
        return new Claimed(await WithMessages(entries, ct), last);
    }

    /// <summary>A message whose payload is gone is null.</summary>
    internal async Task<IReadOnlyList<(QueueEntry Entry, EmittedMessage? Message)>> WithMessages(IReadOnlyList<QueueEntry> entries, CancellationToken ct)
    {
        if (entries.Count == 0)
        {
            return [];
        }

        var messages = new Dictionary<Guid, EmittedMessage>();
        await using var command = Command(Payloads, Array(NpgsqlDbType.Uuid, entries.Select(e => e.Message.Value).Distinct().ToArray()));
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (!await reader.IsDBNullAsync(4, ct))
            {
                var id = new MessageId(reader.GetGuid(0));
                messages.Add(id.Value, new EmittedMessage(id, new CompanyId(reader.GetGuid(1)), reader.GetString(2), await reader.GetFieldValueAsync<DateTimeOffset>(3, ct), await reader.GetFieldValueAsync<byte[]>(4, ct)));
            }
        }

        return [.. entries.Select(e => (e, messages.GetValueOrDefault(e.Message.Value)))];
    }

    public async Task<DateTimeOffset?> NextDueAt(short[] shards, CancellationToken ct)
    {
        await using var command = Command(NextDue, Array(NpgsqlDbType.Smallint, shards));
        return await command.ExecuteScalarAsync(ct) is DateTime next ? new DateTimeOffset(next, TimeSpan.Zero) : null;
    }

    /// <summary>What the shards' last owner held in memory is due again. Returns how many.</summary>
    /// <exception cref="PostgresException">With <see cref="ShardsMoved"/>: the shards are not held under these epochs.</exception>
    public async Task<int> TakeOverShards(short[] shards, long[] epochs, CancellationToken ct)
    {
        await using var batch = dataSource.CreateBatch();
        Add(batch, AssertShards, Array(NpgsqlDbType.Smallint, shards), Array(NpgsqlDbType.Bigint, epochs));
        Add(batch, TakeOver, Array(NpgsqlDbType.Smallint, shards));
        await batch.ExecuteNonQueryAsync(ct);
        return (int)batch.BatchCommands[1].Rows;
    }

    /// <summary>Deliveries that fell out of memory, where their shards have not changed hands since: else they are due already, and perhaps in another node's memory.</summary>
    public async Task MakeDueAgain(IReadOnlyCollection<DeliveryJob> lost, TimeSpan after, CancellationToken ct)
    {
        await using var batch = dataSource.CreateBatch();
        Add(batch, ShareShards, Array(NpgsqlDbType.Smallint, lost.Select(j => j.Shard).Distinct().ToArray()));
        Add(batch, MakeDue, Array(NpgsqlDbType.Uuid, lost.Select(j => j.Id.Value).ToArray()), Array(NpgsqlDbType.Bigint, lost.Select(j => j.Epoch).ToArray()), Value(after));
        await batch.ExecuteNonQueryAsync(ct);
    }

    public Task<IReadOnlyList<QueueEntry>> WaitingOfWebhook(WebhookId webhook, bool parkedToo, Guid after, int limit, CancellationToken ct) =>
        Entries(WaitingOf, ct, Value(webhook.Value), Value(parkedToo), Value(after), Value(limit));

    /// <summary>Parked deliveries of a webhook up to one of them, as far as they are parked for so long.</summary>
    public Task<IReadOnlyList<QueueEntry>> ParkedOfWebhook(WebhookId webhook, Guid after, Guid upTo, TimeSpan parkedFor, int limit, CancellationToken ct) =>
        Entries(ParkedOf, ct, Value(webhook.Value), Value(after), Value(upTo), Value(parkedFor), Value(limit));

    /// <summary>No key of this webhook is held back any more.</summary>
    public Task<int> UnblockKeysOf(WebhookId webhook, CancellationToken ct) => Execute(Unblock, ct, Value(webhook.Value));

    private async Task<(IReadOnlyList<QueueEntry> Entries, DuePosition Last)> ClaimEntries(string sql, short[] shards, long[] epochs, NpgsqlParameter[] parameters, CancellationToken ct)
    {
        // One round trip and one transaction, in which the owner cannot change.
        await using var batch = dataSource.CreateBatch();
        Add(batch, AssertShards, Array(NpgsqlDbType.Smallint, shards), Array(NpgsqlDbType.Bigint, epochs));
        Add(batch, sql, [Array(NpgsqlDbType.Smallint, shards), .. parameters]);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        var last = DuePosition.Start;
        var entries = await ReadEntries(reader, row => last = DuePosition.Later(last, new DuePosition(row.GetDateTime(16), row.GetGuid(0))), ct);
        return (entries, last);
    }

    private async Task<IReadOnlyList<QueueEntry>> Entries(string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await ReadEntries(reader, null, ct);
    }

    private static async Task<IReadOnlyList<QueueEntry>> ReadEntries(NpgsqlDataReader reader, Action<NpgsqlDataReader>? look, CancellationToken ct)
    {
        var entries = new List<QueueEntry>();
        while (await reader.ReadAsync(ct))
        {
            entries.Add(QueueEntry.Read(reader));
            look?.Invoke(reader);
        }

        return entries;
    }

    private async Task<int> Execute(string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = dataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType element, T[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };
}

/// <summary>A waiting delivery as its row says.</summary>
public sealed record QueueEntry(DeliveryId Delivery, short Shard, WebhookId Webhook, MessageId Message, int Version, int Attempts, int Failures, Series Series, bool IsProbe)
{
    /// <summary>What <see cref="Read"/> reads, and after it whether the row was a probe.</summary>
    internal const string Columns = "delivery_id, shard, webhook_id, message_id, version, attempts, failures, sequence, ordering_key, deliver_at, network_failures, timeout_failures, unspent, series_started_at, resent_at";

    public long? Sequence { get; init; }
    public string? OrderingKey { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }

    public DeliveryJob Job(EmittedMessage message) =>
        new(Delivery, Webhook, message, Shard, Version, new DeliveryState(DeliveryStatus.Pending, Attempts, Failures, null) { Series = Series })
        {
            IsProbe = IsProbe,
            Sequence = Sequence,
            OrderingKey = OrderingKey,
            DeliverAt = DeliverAt,
        };

    internal static QueueEntry Read(NpgsqlDataReader reader) => new(
        new DeliveryId(reader.GetGuid(0)), reader.GetInt16(1), new WebhookId(reader.GetGuid(2)), new MessageId(reader.GetGuid(3)),
        reader.GetInt32(4), reader.GetInt32(5), reader.GetInt32(6), SeriesAt(reader, 10), reader.GetBoolean(15))
    {
        Sequence = reader.IsDBNull(7) ? null : reader.GetInt64(7),
        OrderingKey = reader.IsDBNull(8) ? null : reader.GetString(8),
        DeliverAt = reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9),
    };

    // The row is in memory: nothing blocks.
    private static Series SeriesAt(NpgsqlDataReader reader, int column) => new(
        reader.IsDBNull(column) ? 0 : reader.GetInt16(column),
        reader.IsDBNull(column + 1) ? 0 : reader.GetInt16(column + 1),
        reader.IsDBNull(column + 2) ? 0 : reader.GetInt32(column + 2),
        reader.IsDBNull(column + 3) ? null : reader.GetFieldValue<DateTimeOffset>(column + 3),
        reader.IsDBNull(column + 4) ? null : reader.GetFieldValue<DateTimeOffset>(column + 4));
}

/// <param name="Last">The last row's position in the order of the claim.</param>
public sealed record Claimed(IReadOnlyList<(QueueEntry Entry, EmittedMessage? Message)> Deliveries, DuePosition Last);
