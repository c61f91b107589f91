using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Failures;

/// <summary>
/// Hands events that could not be delivered to the company's webhooks that name <see cref="EventTypes.DeliveryExhausted"/>: a
/// second receiver, or a queue. What is to be told was written with the fact, and is emitted under an idempotency key
/// of its own: a crash at any point leaves exactly one event.
/// </summary>
public sealed class FailureNotices(NpgsqlDataSource dataSource, PostgresEventStore store, RoutingDirectory routing, EventAcceptance acceptance, ILogger<FailureNotices> log)
{
    private const string Waiting = """
        select n.delivery_id, n.version, n.webhook_id, n.company_id, n.message_id, p.type, p.emitted_at, p.body
        from delivery.failure_notices n join es.payloads p on p.message_id = n.message_id
        where (n.delivery_id, n.version) > ($1, $2) order by n.delivery_id, n.version limit $3
        """;

    private const string Told = "delete from delivery.failure_notices where delivery_id = $1 and version = $2";

    private NoticePages<ExhaustedDelivery>? _pages;

    /// <summary>A page of them. Returns how many were told, or had nobody to be told to.</summary>
    public Task<int> RunOnce(CancellationToken ct) => (_pages ??= new NoticePages<ExhaustedDelivery>(static f => (f.Delivery.Value, f.Version), Tell, Done)).Next(Read, ct);

    private async Task<int> Done(ExhaustedDelivery failure, CancellationToken ct)
    {
        await using var done = dataSource.CreateCommand(Told);
        done.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = failure.Delivery.Value });
        done.Parameters.Add(new NpgsqlParameter<int> { TypedValue = failure.Version });
        return await done.ExecuteNonQueryAsync(ct);
    }

    /// <returns>False: to be tried again later.</returns>
    private async Task<bool> Tell(ExhaustedDelivery failure, CancellationToken ct)
    {
        if (EventTypes.IsReserved(failure.Type))
        {
            // A notice that came to nothing itself: two receivers of notices would tell of each other for ever.
            return true;
        }

        var webhooks = await routing.For(failure.Company);
        if (!webhooks.Naming(EventTypes.DeliveryExhausted).Any(w => w.Id != failure.Webhook))
        {
            return true;
        }

        var facts = await store.ReadStream(failure.Delivery.Value, 1, failure.Version, ct);
        var payload = FailurePayload.Of(failure, facts, webhooks.Find(failure.Webhook)?.Configuration.Url);

        // With spaces, which an emitter's own key can't have.
        var key = $"failure of {failure.Delivery} at {failure.Version}";
        var e = new EventToEmit(failure.Company, EventTypes.DeliveryExhausted, payload, key, null, failure.Message.Value) { About = failure.Webhook, Channels = await ChannelsOf(failure.Message, ct) };
        switch (await acceptance.Emit(e, ct).WaitAsync(ct))
        {
            case EmitOutcome.Accepted:
                return true;
            case EmitOutcome.Unavailable or EmitOutcome.Unknown:
                return false;
            case var outcome:
                log.LogError("That {Delivery} was exhausted could not be told: {Outcome}", failure.Delivery, outcome);
                return true;
        }
    }

    /// <summary>Those of the event that failed: who receives one channel hears of its failures.</summary>
    private async Task<EquatableArray<string>> ChannelsOf(MessageId message, CancellationToken ct) =>
        (await store.AggregateStream<Message, MessageFact>(message.Value, Message.Unknown, Message.Evolve, 1, null, ct)).State.Emitted?.Channels ?? default;

    private async Task<List<ExhaustedDelivery>> Read((Guid Id, int Version) after, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(Waiting);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Id });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = after.Version });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = NoticePages<ExhaustedDelivery>.Size });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var failures = new List<ExhaustedDelivery>();
        while (await reader.ReadAsync(ct))
        {
            failures.Add(new ExhaustedDelivery(
                new(reader.GetGuid(0)), reader.GetInt32(1), new(reader.GetGuid(2)), new(reader.GetGuid(3)), new(reader.GetGuid(4)), reader.GetString(5),
                await reader.GetFieldValueAsync<DateTimeOffset>(6, ct), reader.IsDBNull(7) ? null : await reader.GetFieldValueAsync<byte[]>(7, ct)));
        }

        return failures;
    }
}

/// <param name="Version">Of the delivery's stream, at the fact that says so.</param>
/// <param name="Body">The event's payload; null when it was erased.</param>
internal sealed record ExhaustedDelivery(DeliveryId Delivery, int Version, WebhookId Webhook, CompanyId Company, MessageId Message, string Type, DateTimeOffset EmittedAt, byte[]? Body);
