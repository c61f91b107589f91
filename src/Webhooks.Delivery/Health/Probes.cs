using Npgsql;
using Webhooks.Delivery.Ownership;
using Webhooks.Domain;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Health;

/// <summary>
/// Sends the oldest parked delivery of a paused webhook alone when its time has come. The time of the next probe is set
/// before this one goes out: should the node die under it, another one probes then. Where nothing is parked, the next
/// delivery to come is the probe.
/// </summary>
public sealed class Probes(NpgsqlDataSource dataSource, ShardLeases shards, DeliveryOptions options, LogSignal signal)
{
    private const string Take = """
        select p.webhook_id, p.probes, (convert_from(w.state, 'UTF8')::json -> 'configuration' ->> 'timeout_ms')::integer
        from delivery.pauses p join read.webhooks w on w.webhook_id = p.webhook_id
        where p.probe_at <= now() and exists (select from delivery.queue q where q.webhook_id = p.webhook_id and q.due_at = 'infinity')
        order by p.probe_at limit 1 for update of p skip locked
        """;
    private const string Again = "update delivery.pauses set probe_at = now() where webhook_id = $1";
    private const string Plan = "update delivery.pauses set probes = probes + 1, probe_at = now() + $2 where webhook_id = $1";

    // Due since ever is what tells it from any other. One that no node has taken into memory yet needs no second beside it.
    private const string MakeDue = """
        update delivery.queue set due_at = '-infinity'
        where delivery_id = coalesce(
            (select delivery_id from delivery.queue where webhook_id = $1 and due_at = 'infinity' and ordering_key is null order by delivery_id limit 1 for update skip locked),
            (select delivery_id from delivery.queue where webhook_id = $1 and due_at = 'infinity' and ordering_key is not null order by sequence limit 1 for update skip locked))
          and not exists (select from delivery.queue where due_at = '-infinity' and webhook_id = $1)
        returning shard
        """;

    /// <summary>Beyond the attempt's own deadline: for the queue before it and the recording after it.</summary>
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(1);

    /// <summary>Returns how many probes were sent on their way.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var sent = 0;
        while (await SendOne(ct))
        {
            sent++;
        }

        return sent;
    }

    /// <summary>The delivery that was to be the probe was too old to be sent: the next one is, at once.</summary>
    public async Task SendNext(WebhookId webhook)
    {
        await using var again = dataSource.CreateCommand(Again);
        again.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhook.Value });
        await again.ExecuteNonQueryAsync();
        signal.Notify();
    }

    private async Task<bool> SendOne(CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        Guid webhook;
        TimeSpan wait;
        await using (var take = new NpgsqlCommand(Take, connection))
        {
            await using var reader = await take.ExecuteReaderAsync(ct);
            if (!await reader.ReadAsync(ct))
            {
                return false;
            }

            webhook = reader.GetGuid(0);
            var (backoff, deadline) = (options.Health.Rules.ProbeDelay(reader.GetInt32(1) + 1), TimeSpan.FromMilliseconds(reader.GetInt32(2)) + Allowance);
            wait = backoff > deadline ? backoff : deadline;
        }

        await using var plan = new NpgsqlCommand(Plan, connection) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = webhook }, new NpgsqlParameter<TimeSpan> { TypedValue = wait } } };
        await plan.ExecuteNonQueryAsync(ct);
        await using var makeDue = new NpgsqlCommand(MakeDue, connection) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = webhook } } };
        var shard = await makeDue.ExecuteScalarAsync(ct);
        await transaction.CommitAsync(ct);
        if (shard is short due)
        {
            shards.WorkIsDue(due);
        }

        return true;
    }
}
