using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Projections.Deliveries;

/// <summary>Lists deliveries from read.deliveries, which follows the log a moment behind.</summary>
public sealed class DeliveryQueries(NpgsqlDataSource database, PostgresEventStore store)
{
    /// <summary>Newest first.</summary>
    /// <param name="before">The last delivery of the page before; null for the first page.</param>
    /// <param name="pageSize">From 1.</param>
    /// <returns>
    /// With a filter that fits few rows a page may be short or empty and still have a next one:
    /// so that no request takes long, a page examines some 20,000 rows at most.
    /// </returns>
    public Task<Page<DeliverySummary, DeliveryId>> List(DeliveryFilter filter, DeliveryId? before, int pageSize, CancellationToken ct) => DatabaseFailures.Typed(async () =>
    {
        var ofEvent = filter.Event is { } id ? await PlannedFor(id, ct) : null;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Freshness.Command(DeliveriesProjection.ProjectionName));
        batch.BatchCommands.Add(ListCommand(filter, before?.Value, ofEvent, pageSize + 1));
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var freshness = await Freshness.Read(reader, ct);
        return await NewestFirst.ReadPage(reader, pageSize, freshness, Read, DeliveryId.From, ct);
    });

    private async Task<Guid[]> PlannedFor(MessageId message, CancellationToken ct) =>
        [.. Plan(await store.ReadStream(message.Value, 1, int.MaxValue, ct)).Select(p => p.Delivery.Value)];

    internal static IEnumerable<PlannedDelivery> Plan(IEnumerable<StoredFact> message) => message.SelectMany(stored => stored.Fact switch
    {
        EventEmitted f => f.Deliveries,
        EventFannedOut f => f.Deliveries,
        _ => (IEnumerable<PlannedDelivery>)[],
    });

    internal static NpgsqlBatchCommand ListCommand(DeliveryFilter filter, Guid? before, Guid[]? ofEvent, int take)
    {
        var query = new NewestFirst("read.deliveries", "delivery_id", DeliveryRow.Columns);
        if (filter.Webhook is { } webhook)
        {
            query.Lead("webhook_id", webhook.Value);

            // Decided once for all rows: another company's webhook yields an empty list, not a long search.
            query.Where("exists (select from read.webhooks w where w.webhook_id = $1 and w.company_id = {0})", filter.Company?.Value);
        }
        else
        {
            query.Lead("company_id", filter.Company?.Value);
        }

        if (filter.Status is { } status)
        {
            Narrow(query, status, indexed: filter.Webhook is not null || filter.Company is not null);
        }

        query.Between(filter.Since, filter.Until, before);
        query.Where("delivery_id = any({0})", ofEvent);
        query.Judge("type = {0}", filter.Type);
        return query.Command(take);
    }

    /// <summary>The partial indexes hold all but the succeeded.</summary>
    private static void Narrow(NewestFirst query, DeliveryStatus status, bool indexed)
    {
        if (indexed && status != DeliveryStatus.Succeeded)
        {
            query.Lead("status", (int)status);
            query.Where($"status <> {(int)DeliveryStatus.Succeeded}");
        }
        else
        {
            query.Judge($"status = {(int)status}");
        }
    }

    private static DeliverySummary Read(NpgsqlDataReader reader)
    {
        var row = DeliveryRow.Read(reader);
        return new DeliverySummary(
            new DeliveryId(row.DeliveryId),
            new CompanyId(row.CompanyId),
            new WebhookId(row.WebhookId),
            new MessageId(row.MessageId),
            row.Type,
            row.State,
            row.LastStatus,
            row.LastFailure,
            UuidTime.Of(row.DeliveryId),
            row.UpdatedAt)
        {
            Sequence = row.Sequence,
        };
    }
}
