using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Recording;

/// <summary>
/// Disables a webhook whose receiver said that it takes nothing more. Where that fails nothing is lost: the delivery that was
/// parked for it goes out again as one left behind, and the receiver says so again.
/// </summary>
public sealed class ReceiverDisabling(RoutingDirectory routing, PostgresEventStore store, DatabaseClock clock, ILogger<ReceiverDisabling> log)
{
    private const int MaxTries = 5;

    /// <param name="url">Where the attempt went: a webhook that goes elsewhere by now stays as it is.</param>
    /// <param name="message">What the attempt was about; stands in the fact as its correlation.</param>
    public async Task Disable(CompanyId company, WebhookId webhook, string url, int? status, MessageId message)
    {
        // Most of the answers that were under way meet a webhook that the first of them disabled.
        if ((await routing.For(company)).Find(webhook) is not { Status: WebhookStatus.Active })
        {
            return;
        }

        var command = new DisableWebhook(status == ReceiverReply.Gone ? DisabledReason.Gone : DisabledReason.Receiver) { OfUrl = url, Now = clock.Now };
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            await using var session = await store.OpenSession(CancellationToken.None);
            var stream = await session.FetchForWriting<Webhook, WebhookFact>(webhook.Value, Webhook.Unknown, Webhook.Evolve, CancellationToken.None);
            var decision = Webhook.Decide(stream.State, command);
            if (decision.Facts.Count == 0)
            {
                return;
            }

            session.Append(webhook.Value, stream.Version, decision.Facts, new FactMeta(company, null, message.Value));
            if (await session.SaveChanges(CancellationToken.None) is SaveResult.Saved)
            {
                log.LogInformation("{Webhook} was disabled because its receiver said so ({Reason})", webhook, command.Reason);
                return;
            }
        }

        log.LogWarning("{Webhook} is changed by others all the time, so it was not disabled, though its receiver said so ({Reason})", webhook, command.Reason);
    }
}
