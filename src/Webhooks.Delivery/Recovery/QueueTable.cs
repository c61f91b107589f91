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
    // Whoever makes a row's due_at null holds it in memory from then on. A row that is due since ever is a probe.
    private const string Claim = $"""
        with due as (
            select delivery_id, due_at from delivery.queue
            where due_at <= now() and shard = any ($1) and ordering_key is null
            order by due_at, delivery_id
            limit $2
            for update skip locked),
        claimed as (
            update delivery.queue q set due_at = null
            from due where q.delivery_id = due.delivery_id
            returning q.*, due.due_at as was_due_at)
        select {QueueEntry.Columns}, was_due_at = '-infinity'
        from claimed order by was_due_at, delivery_id
        """;
    private const string Payloads = "select message_id, company_id, type, emitted_at, body from es.payloads where message_id = any ($1)";
    private const string NextDue = "select due_at from delivery.queue where due_at is not null and due_at > now() and due_at < 'infinity' and shard = any ($1) and ordering_key is null order by due_at limit 1";
    private const string TakeOver = "update delivery.queue set due_at = now() where shard = any ($1) and due_at is null";
    private const string MakeDue = "update delivery.queue set due_at = now() + $2 where delivery_id = any ($1) and due_at is null";
    private const string PutBackUnderEpoch = """
        update delivery.queue q set due_at = now() + $3
        where q.delivery_id = any ($1) and q.due_at is null and exists (select from delivery.shards s where s.shard = q.shard and s.epoch = $2)
        """;
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

    /// <summary>Takes deliveries that are due into memory. A message whose payload is gone comes with a null payload.</summary>
    public async Task<IReadOnlyList<(QueueEntry Entry, EmittedMessage? Message)>> ClaimDue(short[] shards, int limit, CancellationToken ct)
    {
        var entries = await Entries(Claim, ct, Array(NpgsqlDbType.Smallint, shards), Value(limit));
        return await WithMessages(entries, ct);
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
    public Task<int> TakeOverShards(short[] shards, CancellationToken ct) => Execute(TakeOver, ct, Array(NpgsqlDbType.Smallint, shards));

    public Task<int> MakeDueAgain(Guid[] deliveries, TimeSpan after, CancellationToken ct) =>
        Execute(MakeDue, ct, Array(NpgsqlDbType.Uuid, deliveries), new NpgsqlParameter<TimeSpan> { TypedValue = after });

    /// <summary>Lets go of deliveries that came into memory under this taking of their shard. After another taking they are the new owner's.</summary>
    public Task<int> PutBack(Guid[] deliveries, long epoch, TimeSpan after, CancellationToken ct) =>
        Execute(PutBackUnderEpoch, ct, Array(NpgsqlDbType.Uuid, deliveries), Value(epoch), Value(after));

    public Task<IReadOnlyList<QueueEntry>> WaitingOfWebhook(WebhookId webhook, bool parkedToo, Guid after, int limit, CancellationToken ct) =>
        Entries(WaitingOf, ct, Value(webhook.Value), Value(parkedToo), Value(after), Value(limit));

    /// <summary>Parked deliveries of a webhook up to one of them, as far as they are parked for so long.</summary>
    public Task<IReadOnlyList<QueueEntry>> ParkedOfWebhook(WebhookId webhook, Guid after, Guid upTo, TimeSpan parkedFor, int limit, CancellationToken ct) =>
        Entries(ParkedOf, ct, Value(webhook.Value), Value(after), Value(upTo), Value(parkedFor), Value(limit));

    /// <summary>No key of this webhook is held back any more.</summary>
    public Task<int> UnblockKeysOf(WebhookId webhook, CancellationToken ct) => Execute(Unblock, ct, Value(webhook.Value));

    private async Task<IReadOnlyList<QueueEntry>> Entries(string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var entries = new List<QueueEntry>();
        while (await reader.ReadAsync(ct))
        {
            entries.Add(QueueEntry.Read(reader));
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
