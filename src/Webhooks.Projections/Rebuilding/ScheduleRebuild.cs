using Npgsql;
using Webhooks.EventStore;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Projections.Rebuilding;

/// <summary>
/// Makes the schedule of deliveries anew from read.deliveries, itself just made from the log, and the log. Only while no node
/// is at work: what a node has in memory would be sent twice.
/// </summary>
internal sealed class ScheduleRebuild(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>The lock that a living node holds.</summary>
    private const string NodesAtWorkSql = """
        select exists (
            select from pg_locks l join pg_database d on d.oid = l.database
            where l.locktype = 'advisory' and l.classid = 7301 and l.objsubid = 2 and l.granted and d.datname = current_database())
        """;

    /// <summary>Locks, too: who accepts an event meanwhile waits with its rows until the schedule stands.</summary>
    private const string ClearSql = """
        truncate delivery.queue, delivery.idempotency_keys, delivery.routing_versions, delivery.sweeps, delivery.pauses, delivery.drains,
            delivery.blocked_keys, delivery.still_sending
        """;

    private const string BehindSql = $"""
        select exists (
            select from es.events e
            where (e.tx, e.seq) > (select coalesce(max(c.tx), '0'::xid8), coalesce(max(c.seq), 0) from es.checkpoints c where c.name = '{DeliveriesProjection.ProjectionName}'))
        """;

    /// <summary>
    /// Pending (0) and parked (4). A first attempt was due when it was planned: in the past, so at once. The last bits of a
    /// UUIDv7 are random and spread evenly over the 64 shards; those of the webhook's id where one node alone serves it.
    /// </summary>
    private const string QueueSql = """
        with pinned as materialized (
            select webhook_id from (select webhook_id, convert_from(state, 'UTF8')::json -> 'configuration' as configuration from read.webhooks) w
            where configuration ->> 'ordering' = 'strict' or configuration -> 'limits' is not null)
        insert into delivery.queue (
            delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at,
            network_failures, timeout_failures, unspent, series_started_at, resent_at, sequence, ordering_key, deliver_at)
        select d.delivery_id,
            get_byte(uuid_send(case when p.webhook_id is null and d.ordering_key is null then d.delivery_id else d.webhook_id end), 15) & 63,
            d.webhook_id, d.message_id,
            coalesce((select max(e.version) from es.events e where e.stream_id = d.delivery_id), 0),
            d.attempts, d.failures, case d.status when 4 then 'infinity' else coalesce(d.next_attempt_at, d.updated_at) end,
            d.network_failures, d.timeout_failures, d.unspent, d.series_started_at, d.resent_at, d.sequence, d.ordering_key, d.deliver_at
        from read.deliveries d left join pinned p on p.webhook_id = d.webhook_id where d.status in (0, 4)
        """;

    /// <summary>The search for the name spares most events their parsing.</summary>
    private const string IdempotencyKeysSql = """
        insert into delivery.idempotency_keys (company_id, key, message_id, fingerprint)
        select company_id, data ->> 'idempotency_key', stream_id, data ->> 'fingerprint'
        from (
            select company_id, stream_id, convert_from(data, 'UTF8')::json as data
            from es.events where type = 'message.emitted.v1' and position('"idempotency_key"'::bytea in data) > 0) emitted
        where data ->> 'idempotency_key' is not null
        """;

    private const string RoutingVersionsSql = """
        insert into delivery.routing_versions (company_id, version)
        select company_id, count(*) from es.events where type like 'webhook.%' or type = 'company.settings_changed.v1' group by company_id
        """;

    /// <summary>Webhooks that were disabled or deleted while deliveries waited, as far as that was not seen to.</summary>
    private const string SweepsSql = """
        insert into delivery.sweeps (webhook_id, company_id)
        select distinct w.webhook_id, w.company_id
        from delivery.queue q join read.webhooks w on w.webhook_id = q.webhook_id
        where w.status = 'deleted' or (w.status = 'disabled' and q.due_at < 'infinity')
        """;

    /// <summary>How far the probes of a pause had come the log does not tell: they start afresh, the first at once.</summary>
    private const string PausesSql = """
        insert into delivery.pauses (webhook_id, company_id, probe_at)
        select webhook_id, company_id, now() from read.webhooks
        where status = 'active' and convert_from(state, 'UTF8')::json -> 'health' ->> 'state' = 'paused'
        """;

    /// <summary>Never back, also where the log no longer holds the last ones: a number is given once.</summary>
    private const string SequencesSql = """
        insert into delivery.sequences (webhook_id, last)
        select webhook_id, max(sequence) from read.deliveries where sequence is not null group by webhook_id
        on conflict (webhook_id) do update set last = greatest(sequences.last, excluded.last)
        """;

    private const string BlockedKeysSql = """
        insert into delivery.blocked_keys (webhook_id, ordering_key, delivery_id)
        select d.webhook_id, d.ordering_key, d.delivery_id
        from read.deliveries d join read.webhooks w on w.webhook_id = d.webhook_id
        where d.blocks_key and w.status <> 'deleted'
        """;

    private static readonly string[] Steps = [QueueSql, SequencesSql, BlockedKeysSql, IdempotencyKeysSql, RoutingVersionsSql, SweepsSql, PausesSql];

    public Task<bool> NodesAtWork(CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var command = database.CreateCommand(NodesAtWorkSql);
        return (bool)(await command.ExecuteScalarAsync(ct))!;
    });

    /// <param name="facts">Of the whole log, which every step passes as one statement.</param>
    /// <exception cref="LogGrewException">Facts were added since read.deliveries was made: a node is at work after all.</exception>
    public Task<RebuildProgress> Run(long facts, IProgress<RebuildProgress> progress, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        var report = new ProgressReport(RebuildParts.Schedule, facts, progress, time);
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Execute(connection, transaction, ClearSql, ct);
        await using var behind = new NpgsqlCommand(BehindSql, connection, transaction);
        if ((bool)(await behind.ExecuteScalarAsync(ct))!)
        {
            throw new LogGrewException();
        }

        var rows = 0L;
        for (var step = 0; step < Steps.Length; step++)
        {
            rows += await Execute(connection, transaction, Steps[step], ct);
            report.Reach(facts * (step + 1) / Steps.Length, rows);
        }

        await transaction.CommitAsync(ct);
        return report.Last;
    });

    private static async Task<int> Execute(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 0 };
        return await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>A node began to work while everything was rebuilt.</summary>
public sealed class LogGrewException()
    : Exception("The log grew while the schedule was being rebuilt, so the schedule stands as it was; stop all nodes, those that only answer HTTP too, and run it again.");
