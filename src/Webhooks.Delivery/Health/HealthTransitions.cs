using Microsoft.Extensions.Logging;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Health;

/// <summary>A change of health that a node concluded.</summary>
/// <param name="From">What it was judged from.</param>
/// <param name="Cause">The message whose delivery tipped the scales.</param>
public sealed record HealthChange(WebhookId Webhook, CompanyId Company, WebhookHealth From, WebhookFact Fact, MessageId Cause);

/// <summary>Appends changes of health to the webhook's stream. Its version is the fence: of several nodes that conclude the same, one appends it and says so.</summary>
public sealed class HealthTransitions(PostgresEventStore store, ILogger<HealthTransitions> log)
{
    /// <returns>The health as it is now, whoever changed it, and the version of the stream that says so.</returns>
    /// <exception cref="DatabaseUnavailableException">Nothing was changed.</exception>
    public async Task<(WebhookHealth Health, int Version)> Apply(HealthChange change, CancellationToken ct)
    {
        while (true)
        {
            await using var session = await store.OpenSession(ct);
            var stream = await session.FetchForWriting<Webhook, WebhookFact>(change.Webhook.Value, Webhook.Unknown, Webhook.Evolve, ct);
            var facts = Webhook.Decide(stream.State, new ChangeHealth(change.From, change.Fact)).Facts;
            if (facts.Count == 0)
            {
                return (stream.State.Health ?? WebhookHealth.Healthy, stream.Version);
            }

            session.Append(change.Webhook.Value, stream.Version, facts, new FactMeta(change.Company, null, change.Cause.Value));
            if (await session.SaveChanges(ct) is SaveResult.Saved)
            {
                Tell(change);
                return (WebhookHealth.After(stream.State.Health, change.Fact) ?? WebhookHealth.Healthy, stream.Version + facts.Count);
            }
        }
    }

    private void Tell(HealthChange change)
    {
        switch (change.Fact)
        {
            case WebhookDegraded f:
                log.LogWarning("{Webhook} is degraded: it failed {Failures} times in a row, {Recent} of its last {Attempts} attempts", change.Webhook, f.ConsecutiveFailures, f.RecentFailures, f.RecentAttempts);
                break;
            case WebhookPaused f:
                log.LogWarning("{Webhook} is paused: it failed {Failures} times in a row since {Since:O}; its deliveries are parked, the first probe goes out at {ProbeAt:O}", change.Webhook, f.ConsecutiveFailures, f.FailingSince, f.FirstProbeAt);
                break;
            case WebhookDisabled f:
                log.LogWarning("{Webhook} is disabled: it has failed since {Since:O}", change.Webhook, f.FailingSince);
                break;
            default:
                log.LogInformation("{Webhook} has recovered; what was parked for it goes out", change.Webhook);
                break;
        }
    }
}
