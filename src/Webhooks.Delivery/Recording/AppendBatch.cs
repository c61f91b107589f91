using Npgsql;
using NpgsqlTypes;
using Webhooks.Delivery.Recovery;
using Webhooks.EventStore;
using static Webhooks.Delivery.Recording.BatchColumns;

namespace Webhooks.Delivery.Recording;

/// <summary>
/// Turns the members of one group commit into at most thirteen statements, nine on the hot path, whatever their number: one round trip, one
/// implicit transaction. Arrays are reused from batch to batch.
/// </summary>
internal sealed class AppendBatch
{
    private const string AssertRouting = "select delivery.assert_routing($1, $2)";
    private const string InsertPayloads = "insert into es.payloads (message_id, company_id, type, emitted_at, body) select * from unnest($1, $2, $3, $4, $5)";
    private const string InsertKeys = "insert into delivery.idempotency_keys (company_id, key, message_id, fingerprint) select * from unnest($1, $2, $3, $4)";
    private const string InsertQueue = """
        insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
        """;
    // Of rows that are not plain: most batches have none.
    private const string InsertFullQueue = """
        insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at, sequence, ordering_key, deliver_at)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;
    private const string OrUpdate = """

        on conflict (delivery_id) do update
        set version = excluded.version, attempts = excluded.attempts, failures = excluded.failures, due_at = excluded.due_at,
            network_failures = excluded.network_failures, timeout_failures = excluded.timeout_failures, unspent = excluded.unspent,
            series_started_at = excluded.series_started_at, resent_at = excluded.resent_at
        """;
    private const string Reschedule = """
        insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at, network_failures, timeout_failures, unspent, series_started_at, resent_at)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """ + OrUpdate;
    private const string RescheduleFull = """
        insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at, network_failures, timeout_failures, unspent, series_started_at, resent_at, sequence, ordering_key, deliver_at)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """ + OrUpdate;
    private const string Dequeue = "delete from delivery.queue where delivery_id = any ($1)";
    private const string InsertBlocked = "insert into delivery.blocked_keys (webhook_id, ordering_key, delivery_id) select * from unnest($1, $2, $3) on conflict do nothing";
    private const string InsertResponses = "insert into delivery.responses (delivery_id, attempt, body) select * from unnest($1, $2, $3)";
    private const string InsertFailures = "insert into delivery.failure_notices (delivery_id, version, webhook_id, company_id, message_id) select * from unnest($1, $2, $3, $4, $5)";
    private const string ReadClock = "select clock_timestamp()";

    private readonly FactRows _facts = new();
    private readonly Dictionary<Guid, long> _routing = [];
    private readonly Dictionary<short, long> _shards = [];
    private readonly List<PayloadRow> _payloads = [];
    private readonly List<QueueRow> _enqueued = [];
    private readonly List<QueueRow> _enqueuedFull = [];
    private readonly List<QueueRow> _rescheduled = [];
    private readonly List<QueueRow> _rescheduledFull = [];
    private readonly List<BlockedKey> _blocked = [];
    private readonly List<Guid> _dequeued = [];
    private readonly List<ResponseRow> _responses = [];
    private readonly List<IdempotencyRow> _keys = [];
    private readonly List<FailureRow> _failures = [];

    public int FactCount => _facts.Count;

    public NpgsqlBatch Build(NpgsqlConnection connection, IReadOnlyList<PendingAppend> members, bool readClock)
    {
        Clear();
        foreach (var member in members)
        {
            Collect(member);
        }

        var batch = new NpgsqlBatch(connection);
        if (readClock)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ReadClock));
        }

        if (_routing.Count > 0)
        {
            Add(batch, AssertRouting, Uuids(_routing.Keys.ToArray()), Array(NpgsqlDbType.Bigint, _routing.Values.ToArray()));
        }

        if (_shards.Count > 0)
        {
            Add(batch, QueueTable.AssertShards, Array(NpgsqlDbType.Smallint, _shards.Keys.ToArray()), Array(NpgsqlDbType.Bigint, _shards.Values.ToArray()));
        }

        _facts.AddTo(batch);
        AddPayloads(batch);
        AddKeys(batch);
        if (_enqueued.Count > 0)
        {
            Add(batch, InsertQueue, QueueColumns(_enqueued));
        }

        if (_enqueuedFull.Count > 0)
        {
            Add(batch, InsertFullQueue, [.. QueueColumns(_enqueuedFull), .. OrderColumns(_enqueuedFull)]);
        }

        if (_rescheduled.Count > 0)
        {
            Add(batch, Reschedule, [.. QueueColumns(_rescheduled), .. SeriesColumns(_rescheduled)]);
        }

        if (_rescheduledFull.Count > 0)
        {
            Add(batch, RescheduleFull, [.. QueueColumns(_rescheduledFull), .. SeriesColumns(_rescheduledFull), .. OrderColumns(_rescheduledFull)]);
        }

        if (_dequeued.Count > 0)
        {
            Add(batch, Dequeue, Uuids(_dequeued.ToArray()));
        }

        AddBlocked(batch);
        AddResponses(batch);
        AddFailures(batch);
        return batch;
    }

    private void Collect(PendingAppend member)
    {
        foreach (var fact in member.Facts)
        {
            _facts.Add(fact);
        }

        if (member.Routing is { } routing)
        {
            // Two members of one company may have matched against different versions: the older one decides.
            _routing[routing.Company.Value] = _routing.TryGetValue(routing.Company.Value, out var version) ? Math.Min(version, routing.Version) : routing.Version;
        }

        if (member.Payload is { } payload)
        {
            _payloads.Add(payload);
        }

        foreach (var row in member.Enqueue)
        {
            (row.IsPlain ? _enqueued : _enqueuedFull).Add(row);
            if (row.DueAt is null)
            {
                _shards[row.Shard] = _shards.TryGetValue(row.Shard, out var epoch) ? Math.Min(epoch, row.Epoch) : row.Epoch;
            }
        }

        if (member.Reschedule is { } rescheduled)
        {
            (rescheduled.IsPlain ? _rescheduled : _rescheduledFull).Add(rescheduled);
        }

        if (member.Dequeue is { } dequeued)
        {
            _dequeued.Add(dequeued.Value);
        }

        if (member.Block is { } block)
        {
            _blocked.Add(block);
        }

        if (member.Response is { } response)
        {
            _responses.Add(response);
        }

        if (member.Failure is { } failure)
        {
            _failures.Add(failure);
        }

        if (member.Idempotency is { } key)
        {
            _keys.Add(key);
        }
    }

    private void AddPayloads(NpgsqlBatch batch)
    {
        if (_payloads.Count > 0)
        {
            Add(batch, InsertPayloads,
                Uuids(Column(_payloads, static p => p.Message.Value)),
                Uuids(Column(_payloads, static p => p.Company.Value)),
                Array(NpgsqlDbType.Text, Column(_payloads, static p => p.Type)),
                Array(NpgsqlDbType.TimestampTz, Column(_payloads, static p => p.EmittedAt)),
                Array(NpgsqlDbType.Bytea, Column(_payloads, static p => p.Body)));
        }
    }

    private void AddKeys(NpgsqlBatch batch)
    {
        if (_keys.Count > 0)
        {
            Add(batch, InsertKeys,
                Uuids(Column(_keys, static k => k.Company.Value)),
                Array(NpgsqlDbType.Text, Column(_keys, static k => k.Key)),
                Uuids(Column(_keys, static k => k.Message.Value)),
                Array(NpgsqlDbType.Text, Column(_keys, static k => k.Fingerprint)));
        }
    }

    private void AddBlocked(NpgsqlBatch batch)
    {
        if (_blocked.Count > 0)
        {
            Add(batch, InsertBlocked,
                Uuids(Column(_blocked, static b => b.Webhook.Value)),
                Array(NpgsqlDbType.Text, Column(_blocked, static b => b.OrderingKey)),
                Uuids(Column(_blocked, static b => b.Delivery.Value)));
        }
    }

    private void AddResponses(NpgsqlBatch batch)
    {
        if (_responses.Count > 0)
        {
            Add(batch, InsertResponses,
                Uuids(Column(_responses, static r => r.Delivery.Value)),
                Array(NpgsqlDbType.Integer, Column(_responses, static r => r.Attempt)),
                Array(NpgsqlDbType.Bytea, Column(_responses, static r => r.Body)));
        }
    }

    private void AddFailures(NpgsqlBatch batch)
    {
        if (_failures.Count > 0)
        {
            Add(batch, InsertFailures,
                Uuids(Column(_failures, static f => f.Delivery.Value)),
                Array(NpgsqlDbType.Integer, Column(_failures, static f => f.Version)),
                Uuids(Column(_failures, static f => f.Webhook.Value)),
                Uuids(Column(_failures, static f => f.Company.Value)),
                Uuids(Column(_failures, static f => f.Message.Value)));
        }
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }

    private void Clear()
    {
        _facts.Clear();
        _routing.Clear();
        _shards.Clear();
        _payloads.Clear();
        _enqueued.Clear();
        _enqueuedFull.Clear();
        _rescheduled.Clear();
        _rescheduledFull.Clear();
        _blocked.Clear();
        _dequeued.Clear();
        _responses.Clear();
        _keys.Clear();
        _failures.Clear();
    }
}
