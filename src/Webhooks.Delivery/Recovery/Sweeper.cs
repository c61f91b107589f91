using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Health;
using Webhooks.Delivery.Recording;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.EventStore;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Recovery;

/// <summary>
/// After a webhook was disabled, paused, brought back or deleted: parks its waiting deliveries, has them drained, or cancels
/// them. What is in memory meets the change when its turn comes. What is under way meets a deletion when its outcome is written:
/// of outcomes that were written before this node knew of it, the waiting ones are cancelled when it knows.
/// </summary>
public sealed class Sweeper(
    NpgsqlDataSource dataSource, QueueTable queue, OutcomeRecorder recorder, ParkedDrains drains, ParkingLimits limits, LogSignal signal, DeliveryOptions options, TimeProvider time, ILogger<Sweeper> log)
{
    private const int PageSize = 500;
    private const string Requested = """
        select s.webhook_id, s.company_id, s.requested_at, case when p.webhook_id is null then w.status else 'paused' end
        from delivery.sweeps s join read.webhooks w on w.webhook_id = s.webhook_id left join delivery.pauses p on p.webhook_id = s.webhook_id
        order by s.requested_at limit 100
        """;
    private const string Done = "delete from delivery.sweeps where webhook_id = $1 and requested_at = $2";

    private readonly ConcurrentQueue<(WebhookId Webhook, CompanyId Company)> _gone = new();

    private static readonly TimeSpan LeftBehindInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LimitsInterval = TimeSpan.FromMinutes(1);

    /// <summary>From here on this node knows that the webhook was deleted.</summary>
    public void IsGone(WebhookId webhook, CompanyId company)
    {
        _gone.Enqueue((webhook, company));
        signal.Notify();
    }

    public async Task Run(CancellationToken ct)
    {
        long lookedAt = 0, limitedAt = 0;
        while (!ct.IsCancellationRequested)
        {
            var seen = signal.Version;
            try
            {
                var apart = new Apart(ct);
                await apart.Try(() => RunOnce(ct));
                await apart.Try(() => CancelGone(ct));
                if (lookedAt == 0 || time.GetElapsedTime(lookedAt) > LeftBehindInterval)
                {
                    lookedAt = await apart.Try(() => drains.StartLeftBehind(ct)) ? time.GetTimestamp() : 0;
                }

                if (limitedAt == 0 || time.GetElapsedTime(limitedAt) > LimitsInterval)
                {
                    limitedAt = await apart.Try(() => limits.RunOnce(ct)) ? time.GetTimestamp() : 0;
                }

                apart.ThrowFailures();
                await signal.Wait(seen, options.Poll, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nothing may end this loop; the request for the sweep stands in its table until it is done.
                log.LogWarning(DatabaseFailures.Trace(e), "A sweep over waiting deliveries failed ({Reason}); trying again", e.Message);
                await Task.Delay(options.Poll, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Works off the sweeps asked for so far. Returns how many.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var sweeps = await Read(ct);
        var apart = new Apart(ct);
        foreach (var (webhook, company, requestedAt, status) in sweeps)
        {
            await apart.Try(() => Sweep(webhook, company, requestedAt, status, ct));
            if (apart.DatabaseIsAway)
            {
                break;
            }
        }

        apart.ThrowFailures();
        return sweeps.Count;
    }

    private async Task CancelGone(CancellationToken ct)
    {
        var apart = new Apart(ct);
        for (var left = _gone.Count; left > 0 && _gone.TryDequeue(out var gone); left--)
        {
            if (!await apart.Try(() => Cancel(gone.Webhook, gone.Company, ct)))
            {
                _gone.Enqueue(gone);
            }
        }

        apart.ThrowFailures();
    }

    private Task Cancel(WebhookId webhook, CompanyId company, CancellationToken ct) =>
        ForEachWaiting(webhook, company, parkedToo: true, new CancelDelivery(CancelledReason.WebhookDeleted), ct);

    private async Task Sweep(WebhookId webhook, CompanyId company, DateTime requestedAt, string status, CancellationToken ct)
    {
        switch (status)
        {
            case "active":
                await drains.Start(webhook, ct);
                break;
            case "paused":
                await ForEachWaiting(webhook, company, parkedToo: false, new DeferDelivery(DeferredReason.WebhookPaused), ct);
                break;
            case "disabled":
                await ForEachWaiting(webhook, company, parkedToo: false, new DeferDelivery(DeferredReason.WebhookDisabled), ct);
                break;
            case "deleted":
                await Cancel(webhook, company, ct);
                await queue.UnblockKeysOf(webhook, ct);
                break;
            default:
                throw new InvalidOperationException($"A webhook has the unknown status '{status}'.");
        }

        await using var done = dataSource.CreateCommand(Done);
        done.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = webhook.Value });
        done.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = requestedAt });
        await done.ExecuteNonQueryAsync(ct);
    }

    private async Task<List<(WebhookId, CompanyId, DateTime, string)>> Read(CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(Requested);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var sweeps = new List<(WebhookId, CompanyId, DateTime, string)>();
        while (await reader.ReadAsync(ct))
        {
            sweeps.Add((new(reader.GetGuid(0)), new(reader.GetGuid(1)), reader.GetDateTime(2), reader.GetString(3)));
        }

        return sweeps;
    }

    private async Task ForEachWaiting(WebhookId webhook, CompanyId company, bool parkedToo, DeliveryCommand command, CancellationToken ct)
    {
        var (after, apart) = (Guid.Empty, new Apart(ct));
        while (!apart.DatabaseIsAway && await queue.WaitingOfWebhook(webhook, parkedToo, after, PageSize, ct) is { Count: > 0 } page)
        {
            // Together, so that they share group commits.
            await apart.Try(() => Task.WhenAll(page.Select(entry => recorder.Record(
                entry.Job(new EmittedMessage(entry.Message, company, "", default, [])), state => DeliveryState.Decide(state, command)))).WaitAsync(ct));
            after = page[^1].Delivery.Value;
        }

        apart.ThrowFailures();
    }
}
