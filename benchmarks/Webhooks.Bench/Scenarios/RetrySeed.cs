using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using Webhooks.Bench.Traffic;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;

namespace Webhooks.Bench.Scenarios;

/// <summary>
/// Deliveries whose first attempt has failed and whose second is planned, written by COPY as the service would have left
/// them: the event with its plan, its payload, the failed attempt, and the row of the queue. The log is whole: a rebuild of
/// the schedule from it would make the same rows.
/// </summary>
/// <param name="webhooks">Every event goes to all of them.</param>
internal sealed class RetrySeed(NpgsqlDataSource database, CompanyId company, IReadOnlyList<WebhookId> webhooks)
{
    private const int Shards = 64;
    private const string Facts = "copy es.events (stream_id, version, type, company_id, correlation, data) from stdin (format binary)";
    private const string Payloads = "copy es.payloads (message_id, company_id, type, emitted_at, body) from stdin (format binary)";
    private const string Queue = "copy delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at) from stdin (format binary)";
    private const string EventType = "order.paid";

    /// <summary>Retries fall due evenly over a stretch of time.</summary>
    /// <param name="count">Deliveries; a multiple of the webhooks.</param>
    /// <param name="from">When the first is due, as the wall clock and as a timestamp of <see cref="Stopwatch"/>.</param>
    public async Task Write(int count, (DateTimeOffset Wall, long Ticks) from, TimeSpan over, CancellationToken ct)
    {
        var events = count / webhooks.Count;
        var emittedAt = from.Wall.AddHours(-1);
        var ids = Enumerable.Range(0, events).Select(_ => (
            Message: new MessageId(Guid.CreateVersion7(emittedAt)),
            Deliveries: webhooks.Select(w => new PlannedDelivery(new DeliveryId(Guid.CreateVersion7(emittedAt)), w)).ToArray())).ToArray();
        var sha256 = Convert.ToBase64String(SHA256.HashData(Payload.Create(0)));

        await using var connection = await database.OpenConnectionAsync(ct);
        await using (var facts = await connection.BeginBinaryImportAsync(Facts, ct))
        {
            for (var i = 0; i < events; i++)
            {
                var (message, deliveries) = ids[i];
                await Fact(facts, message.Value, message.Value, new EventEmitted(EventType, emittedAt, Payload.Length, sha256, null, null, deliveries.Length, deliveries), ct);
                foreach (var delivery in deliveries)
                {
                    await Fact(facts, delivery.Delivery.Value, message.Value, new AttemptFailed(Failed(emittedAt), DueAt(i)), ct);
                }
            }

            await facts.CompleteAsync(ct);
        }

        await using (var payloads = await connection.BeginBinaryImportAsync(Payloads, ct))
        {
            for (var i = 0; i < events; i++)
            {
                await payloads.StartRowAsync(ct);
                await payloads.WriteAsync(ids[i].Message.Value, NpgsqlDbType.Uuid, ct);
                await payloads.WriteAsync(company.Value, NpgsqlDbType.Uuid, ct);
                await payloads.WriteAsync(EventType, NpgsqlDbType.Text, ct);
                await payloads.WriteAsync(emittedAt, NpgsqlDbType.TimestampTz, ct);
                await payloads.WriteAsync(Payload.Create(from.Ticks + (long)(Offset(i).TotalSeconds * Stopwatch.Frequency)), NpgsqlDbType.Bytea, ct);
            }

            await payloads.CompleteAsync(ct);
        }

        await using var queue = await connection.BeginBinaryImportAsync(Queue, ct);
        for (var i = 0; i < events; i++)
        {
            foreach (var delivery in ids[i].Deliveries)
            {
                await queue.StartRowAsync(ct);
                await queue.WriteAsync(delivery.Delivery.Value, NpgsqlDbType.Uuid, ct);
                await queue.WriteAsync((short)(i % Shards), NpgsqlDbType.Smallint, ct);
                await queue.WriteAsync(delivery.Webhook.Value, NpgsqlDbType.Uuid, ct);
                await queue.WriteAsync(ids[i].Message.Value, NpgsqlDbType.Uuid, ct);
                await queue.WriteAsync(1, NpgsqlDbType.Integer, ct);
                await queue.WriteAsync(1, NpgsqlDbType.Integer, ct);
                await queue.WriteAsync(1, NpgsqlDbType.Integer, ct);
                await queue.WriteAsync(DueAt(i), NpgsqlDbType.TimestampTz, ct);
            }
        }

        await queue.CompleteAsync(ct);

        TimeSpan Offset(int i) => over * i / events;
        DateTimeOffset DueAt(int i) => from.Wall + Offset(i);
    }

    private async Task Fact(NpgsqlBinaryImporter facts, Guid stream, Guid correlation, Fact fact, CancellationToken ct)
    {
        await facts.StartRowAsync(ct);
        await facts.WriteAsync(stream, NpgsqlDbType.Uuid, ct);
        await facts.WriteAsync(1, NpgsqlDbType.Integer, ct);
        await facts.WriteAsync(FactCatalogue.NameOf(fact), NpgsqlDbType.Text, ct);
        await facts.WriteAsync(company.Value, NpgsqlDbType.Uuid, ct);
        await facts.WriteAsync(correlation, NpgsqlDbType.Uuid, ct);
        await facts.WriteAsync(FactCatalogue.Serialize(fact), NpgsqlDbType.Bytea, ct);
    }

    private static Attempt Failed(DateTimeOffset at) =>
        new(1, at, 1000, 503, FailureClass.Status, "The response was 503.", 1, Array.Empty<Header>(), Array.Empty<Header>(), null);
}
