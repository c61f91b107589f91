using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Projections.Messages;

/// <param name="MatchedWebhooks">How many deliveries were planned.</param>
public sealed record MessageSummary(MessageId Id, CompanyId Company, string Type, DateTimeOffset EmittedAt, int Size, int MatchedWebhooks)
{
    /// <summary>Null: at once.</summary>
    public DateTimeOffset? DeliverAt { get; init; }
}

/// <summary>An event as it was accepted.</summary>
/// <param name="Deliveries">In the order of the log.</param>
/// <param name="Payload">Byte for byte; null once it was erased.</param>
public sealed record MessageDetails(MessageSummary Summary, string Sha256, string? IdempotencyKey, IReadOnlyList<PlannedDelivery> Deliveries, byte[]? Payload)
{
    public EquatableArray<string> Channels { get; init; }

    /// <summary>Null for an event that was emitted to go at once.</summary>
    public ScheduleStatus? Status { get; init; }
    public string? OrderingKey { get; init; }
}

/// <summary>What became of an event that was scheduled.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ScheduleStatus>))]
public enum ScheduleStatus
{
    [JsonStringEnumMemberName("scheduled")]
    Scheduled,

    /// <summary>It is due, and its deliveries go out.</summary>
    [JsonStringEnumMemberName("released")]
    Released,

    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>What a list of events is narrowed to; null narrows nothing.</summary>
/// <param name="Company">Null only for admin keys.</param>
/// <param name="Since">By the time in the event's id: then or later, to the millisecond.</param>
/// <param name="Until">Before, to the millisecond.</param>
public sealed record MessageFilter(CompanyId? Company = null, string? Type = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>Events, read from the log itself: what was accepted a moment ago is there.</summary>
public sealed class MessageQueries(NpgsqlDataSource database, PostgresEventStore store)
{
    /// <summary>As the index on the log names it.</summary>
    internal const string Emitted = "message.emitted.v1";

    /// <summary>What is due is due by the database's clock.</summary>
    private const string PayloadSql = "select body, clock_timestamp() from es.payloads where message_id = $1";

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
        var isThere = await reader.ReadAsync(ct);
        var payload = isThere && !await reader.IsDBNullAsync(0, ct) ? await reader.GetFieldValueAsync<byte[]>(0, ct) : null;
        return new MessageDetails(Summary(id, first.Company, emitted), emitted.Sha256, emitted.IdempotencyKey, [.. DeliveryQueries.Plan(facts)], payload)
        {
            Channels = emitted.Channels,
            OrderingKey = emitted.OrderingKey,
            Status = facts[^1].Fact is EventCancelled ? ScheduleStatus.Cancelled
                : emitted.DeliverAt is not { } due ? null
                : isThere && await reader.GetFieldValueAsync<DateTimeOffset>(1, ct) < due ? ScheduleStatus.Scheduled
                : ScheduleStatus.Released,
        };
    });

    private static MessageSummary Summary(MessageId id, CompanyId company, EventEmitted e) =>
        new(id, company, e.Type, e.EmittedAt, e.Size, e.MatchedWebhooks) { DeliverAt = e.DeliverAt };

    /// <summary>Newest first.</summary>
    /// <param name="before">The last event of the page before; null for the first page.</param>
    /// <param name="pageSize">From 1.</param>
    /// <returns>With a rare type, or over all companies where each event has very many deliveries, a page may be short or empty and still have a next one: it examines some 20,000 rows at most.</returns>
    public Task<Page<MessageSummary, MessageId>> List(MessageFilter filter, MessageId? before, int pageSize, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(ListCommand(filter, before, pageSize + 1));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        return await NewestFirst.ReadPage(reader, pageSize, freshness: null, Read, MessageId.From, ct);
    });

    /// <summary>Of one company along the index that holds emitted events alone. Over all companies along the log's key: an index of its own would cost every event, for a list that only operators ask for.</summary>
    internal static NpgsqlBatchCommand ListCommand(MessageFilter filter, MessageId? before, int take)
    {
        const string IsEmitted = $"type = '{Emitted}'";
        var query = new NewestFirst("es.events", "stream_id", "stream_id, company_id, type, data");
        if (filter.Company is { } company)
        {
            query.Lead("company_id", company.Value);
            query.Where(IsEmitted);
        }
        else
        {
            query.Where("version = 1");
            query.Judge(IsEmitted);
        }

        query.Between(filter.Since, filter.Until, before?.Value);
        query.Judge("substr(data, 1, octet_length({0})) = convert_to({0}, 'UTF8')", filter.Type is { } type ? StartOf(type) : null);
        return query.Command(take);
    }

    /// <summary>
    /// The type is the fact's first field, and facts are for ever as they were written. Of 20,000 events with 2 (100) deliveries
    /// each, looking at their start finds a type in 10 ms (110 ms); taking them apart as JSON takes 30 ms (800 ms).
    /// </summary>
    private static string StartOf(string type) => $"{{\"type\":\"{JsonEncodedText.Encode(type)}\"";

    private static MessageSummary Read(NpgsqlDataReader reader)
    {
        var emitted = (EventEmitted)FactCatalogue.Deserialize(Emitted, reader.GetFieldValue<byte[]>(3));
        return Summary(new MessageId(reader.GetGuid(0)), new CompanyId(reader.GetGuid(1)), emitted);
    }
}
