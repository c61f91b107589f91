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
    // Whoever makes a row's due_at null holds it in memory from then on.
    private const string Take = """

            for update skip locked)
        update delivery.queue q set due_at = null
        from due where q.delivery_id = due.delivery_id
        returning q.delivery_id, q.shard, q.webhook_id, q.message_id, q.version, q.attempts, q.failures, due.due_at
        """;

    // Rows of webhooks that are behind are passed by; the position spares passing them again.
    private const string Claim = """
        with due as (
            select delivery_id, due_at from delivery.queue
            where due_at <= now() and shard = any ($1) and (due_at, delivery_id) > ($3, $4) and webhook_id <> all ($5)
            order by due_at, delivery_id
            limit $2
        """ + Take;
    private const string ClaimOf = """
        with due as (
            select delivery_id, due_at from delivery.queue
            where due_at <= now() and shard = any ($1) and webhook_id = $3
            order by due_at, delivery_id
            limit $2
        """ + Take;
    private const string Payloads = "select message_id, company_id, type, emitted_at, body from es.payloads where message_id = any ($1)";
    private const string NextDue = "select due_at from delivery.queue where due_at is not null and due_at > now() and due_at < 'infinity' and shard = any ($1) order by due_at limit 1";
    private const string TakeOver = "update delivery.queue set due_at = now() where shard = any ($1) and due_at is null";
    private const string MakeDue = "update delivery.queue set due_at = now() + $2 where delivery_id = any ($1) and due_at is null";
    private const string WaitingOf = """
        select delivery_id, shard, webhook_id, message_id, version, attempts, failures
        from delivery.queue where webhook_id = $1 and due_at is not null and (due_at < 'infinity' or $2) and delivery_id > $3
        order by delivery_id limit $4
        """;
    private const string ReleaseParked = "update delivery.queue set due_at = now() where webhook_id = $1 and due_at = 'infinity'";

    /// <summary>Takes deliveries that are due into memory, but for those of <paramref name="behind"/>. A message whose payload is gone comes with a null payload.</summary>
    public Task<Claimed> ClaimDue(short[] shards, int limit, DuePosition after, Guid[] behind, CancellationToken ct) => ClaimWith(
        Claim, ct, Array(NpgsqlDbType.Smallint, shards), Value(limit), new NpgsqlParameter<DateTime> { TypedValue = after.DueAt, NpgsqlDbType = NpgsqlDbType.TimestampTz }, Value(after.Delivery), Array(NpgsqlDbType.Uuid, behind));

    /// <summary>The same for one webhook.</summary>
    public Task<Claimed> ClaimDueOf(WebhookId webhook, short[] shards, int limit, CancellationToken ct) =>
        ClaimWith(ClaimOf, ct, Array(NpgsqlDbType.Smallint, shards), Value(limit), Value(webhook.Value));

    private async Task<Claimed> ClaimWith(string sql, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        var last = DuePosition.Start;
        var entries = await Entries(sql, row => last = DuePosition.Later(last, new DuePosition(row.GetDateTime(7), row.GetGuid(0))), ct, parameters);
        if (entries.Count == 0)
        {
            return new Claimed([], last);
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

        return new Claimed([.. entries.Select(e => (e, messages.GetValueOrDefault(e.Message.Value)))], last);
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

    public Task<IReadOnlyList<QueueEntry>> WaitingOfWebhook(WebhookId webhook, bool parkedToo, Guid after, int limit, CancellationToken ct) =>
        Entries(WaitingOf, null, ct, Value(webhook.Value), Value(parkedToo), Value(after), Value(limit));

    public Task<int> ReleaseParkedOf(WebhookId webhook, CancellationToken ct) => Execute(ReleaseParked, ct, Value(webhook.Value));

    private async Task<IReadOnlyList<QueueEntry>> Entries(string sql, Action<NpgsqlDataReader>? look, CancellationToken ct, params NpgsqlParameter[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var entries = new List<QueueEntry>();
        while (await reader.ReadAsync(ct))
        {
            entries.Add(new QueueEntry(
                new DeliveryId(reader.GetGuid(0)), reader.GetInt16(1), new WebhookId(reader.GetGuid(2)), new MessageId(reader.GetGuid(3)),
                reader.GetInt32(4), reader.GetInt32(5), reader.GetInt32(6)));
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

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType element, T[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };
}

/// <summary>A waiting delivery as its row says.</summary>
public sealed record QueueEntry(DeliveryId Delivery, short Shard, WebhookId Webhook, MessageId Message, int Version, int Attempts, int Failures)
{
    public DeliveryJob Job(EmittedMessage message) => new(Delivery, Webhook, message, Shard, Version, new DeliveryState(DeliveryStatus.Pending, Attempts, Failures, null));
}

/// <param name="Last">The last row's position in the order of the claim.</param>
public sealed record Claimed(IReadOnlyList<(QueueEntry Entry, EmittedMessage? Message)> Deliveries, DuePosition Last);
