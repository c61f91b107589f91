using Npgsql;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Recovery;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Health;

/// <summary>Ends what is parked too long, and the oldest of what is too many for one webhook. A resend by hand brings them back.</summary>
public sealed class ParkingLimits(NpgsqlDataSource dataSource, QueueTable queue, OutcomeRecorder recorder, HealthOptions options)
{
    private const int PageSize = 500;
    private static readonly Guid Last = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    // Steps from webhook to webhook: parked rows may be a million.
    private const string WithParked = """
        with recursive parked as (
            (select webhook_id from delivery.queue where due_at = 'infinity' order by webhook_id limit 1)
            union all
            select (select q.webhook_id from delivery.queue q where q.due_at = 'infinity' and q.webhook_id > p.webhook_id order by q.webhook_id limit 1)
            from parked p where p.webhook_id is not null)
        select p.webhook_id, w.company_id from parked p join read.webhooks w on w.webhook_id = p.webhook_id
        """;

    // The newest of those that are too many.
    private const string BeyondLimit = "select delivery_id from delivery.queue where webhook_id = $1 and due_at = 'infinity' order by delivery_id desc offset $2 limit 1";

    /// <summary>Returns how many were ended.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var (ended, apart) = (0, new Apart(ct));
        foreach (var (webhook, company) in await Webhooks(ct))
        {
            await apart.Try(async () => ended += await End(webhook, company, ct));
            if (apart.DatabaseIsAway)
            {
                break;
            }
        }

        apart.ThrowFailures();
        return ended;
    }

    private async Task<int> End(WebhookId webhook, CompanyId company, CancellationToken ct)
    {
        var ended = await End(webhook, company, Last, options.MaxParkedAge, ExhaustedReason.ParkedTooLong, ct);
        return await NewestBeyondLimit(webhook, ct) is { } newest ? ended + await End(webhook, company, newest, TimeSpan.Zero, ExhaustedReason.ParkingFull, ct) : ended;
    }

    private async Task<int> End(WebhookId webhook, CompanyId company, Guid upTo, TimeSpan parkedFor, ExhaustedReason reason, CancellationToken ct)
    {
        var (ended, after, apart) = (0, Guid.Empty, new Apart(ct));
        while (!apart.DatabaseIsAway && await queue.ParkedOfWebhook(webhook, after, upTo, parkedFor, PageSize, ct) is { Count: > 0 } page)
        {
            // Together, so that they share group commits.
            await apart.Try(async () =>
            {
                var states = await Task.WhenAll(page.Select(entry => recorder.Record(Parked(entry, company), s => DeliveryState.Decide(s, new EndParking(reason))))).WaitAsync(ct);
                ended += states.Count(s => s is not null);
            });
            after = page[^1].Delivery.Value;
        }

        apart.ThrowFailures();
        return ended;
    }

    private static DeliveryJob Parked(QueueEntry entry, CompanyId company)
    {
        var job = entry.Job(new EmittedMessage(entry.Message, company, "", default, []));
        return job with { State = job.State with { Status = DeliveryStatus.Parked } };
    }

    private async Task<List<(WebhookId Webhook, CompanyId Company)>> Webhooks(CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(WithParked);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var webhooks = new List<(WebhookId, CompanyId)>();
        while (await reader.ReadAsync(ct))
        {
            webhooks.Add((new(reader.GetGuid(0)), new(reader.GetGuid(1))));
        }

        return webhooks;
    }

    private async Task<Guid?> NewestBeyondLimit(WebhookId webhook, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(BeyondLimit);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhook.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.MaxParked });
        return await command.ExecuteScalarAsync(ct) as Guid?;
    }
}
