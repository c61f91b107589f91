using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Projections.Messages;

/// <param name="MatchedWebhooks">How many deliveries were planned.</param>
public sealed record MessageSummary(MessageId Id, CompanyId Company, string Type, DateTimeOffset EmittedAt, int Size, int MatchedWebhooks);

/// <summary>An event as it was accepted.</summary>
/// <param name="Deliveries">In the order of the log.</param>
/// <param name="Payload">Byte for byte; null once it was erased.</param>
public sealed record MessageDetails(MessageSummary Summary, string Sha256, string? IdempotencyKey, IReadOnlyList<PlannedDelivery> Deliveries, byte[]? Payload);

/// <summary>What a list of events is narrowed to; null narrows nothing.</summary>
/// <param name="Company">Null only for admin keys.</param>
/// <param name="Since">By the time in the event's id: then or later, to the millisecond.</param>
/// <param name="Until">Before, to the millisecond.</param>
public sealed record MessageFilter(CompanyId? Company = null, string? Type = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>Events: one from the log itself, lists from read.messages, which follows the log a moment behind.</summary>
public sealed class MessageQueries(NpgsqlDataSource database, PostgresEventStore store)
{
    private const string PayloadSql = "select body from es.payloads where message_id = $1";

    /// <returns>Null where there is no such event.</returns>
    public Task<MessageDetails?> One(MessageId id, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        var facts = await store.ReadStream(id.Value, 1, int.MaxValue, ct);
        if (facts is not [{ Fact: EventEmitted emitted } first, ..])
        {
            return null;
        }

        await using var command = database.CreateCommand(PayloadSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id.Value });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var payload = await reader.ReadAsync(ct) && !await reader.IsDBNullAsync(0, ct) ? await reader.GetFieldValueAsync<byte[]>(0, ct) : null;
        var summary = new MessageSummary(id, first.Company, emitted.Type, emitted.EmittedAt, emitted.Size, emitted.MatchedWebhooks);
        return new MessageDetails(summary, emitted.Sha256, emitted.IdempotencyKey, [.. DeliveryQueries.Plan(facts)], payload);
    });

    /// <summary>Newest first.</summary>
    /// <param name="before">The last event of the page before; null for the first page.</param>
    /// <param name="pageSize">From 1.</param>
    /// <returns>With a rare type a page may be short or empty and still have a next one: it examines some 20,000 rows at most.</returns>
    public Task<Page<MessageSummary, MessageId>> List(MessageFilter filter, MessageId? before, int pageSize, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Freshness.Command(DeliveriesProjection.ProjectionName));
        batch.BatchCommands.Add(ListCommand(filter, before, pageSize + 1));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var freshness = await Freshness.Read(reader, ct);
        return await NewestFirst.ReadPage(reader, pageSize, freshness, Read, MessageId.From, ct);
    });

    // Over all companies the order comes from the log's key: an index of its own would cost every event, for a list that only operators ask for.
    private const string OfAll = """
        (select e.stream_id as message_id, m.company_id, m.type, m.emitted_at, m.size, m.matched_webhooks
         from es.events e join read.messages m on m.company_id = e.company_id and m.message_id = e.stream_id
         where e.version = 1 and e.type = 'message.emitted.v1') of_all
        """;

    internal static NpgsqlBatchCommand ListCommand(MessageFilter filter, MessageId? before, int take)
    {
        var query = new NewestFirst(filter.Company is null ? OfAll : "read.messages", "message_id", "message_id, company_id, type, emitted_at, size, matched_webhooks");
        query.Lead("company_id", filter.Company?.Value);
        query.Between(filter.Since, filter.Until, before?.Value);
        query.Judge("type = {0}", filter.Type);
        return query.Command(take);
    }

    private static MessageSummary Read(NpgsqlDataReader reader) => new(
        new MessageId(reader.GetGuid(0)),
        new CompanyId(reader.GetGuid(1)),
        reader.GetString(2),
        reader.GetFieldValue<DateTimeOffset>(3),
        reader.GetInt32(4),
        reader.GetInt32(5));
}
