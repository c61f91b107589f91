using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Routing;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Health;

/// <summary>
/// Counts outcomes on this node and concludes changes of health. Only webhooks that fail, or did lately, are kept: a
/// success of any other costs one look into a dictionary. What was concluded is appended off the path of the attempt.
/// </summary>
public sealed class HealthWatch(HealthTransitions transitions, DatabaseClock clock, DeliveryOptions options, TimeProvider time, ILogger<HealthWatch> log)
{
    private readonly ConcurrentDictionary<WebhookId, Watched> _watched = new();
    private readonly Channel<HealthChange> _concluded = Channel.CreateUnbounded<HealthChange>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Whether something that this node saw speaks against the webhook.</summary>
    public bool Keeps(WebhookId webhook) => _watched.ContainsKey(webhook);

    /// <param name="webhook">As it was when the attempt was made.</param>
    public void Saw(DeliveryJob job, RoutedWebhook webhook, Attempt attempt)
    {
        if (attempt.Failure is null && webhook.Health.State == HealthState.Healthy && !_watched.ContainsKey(webhook.Id))
        {
            return;
        }

        if (webhook.Status != WebhookStatus.Active || SaysNothing(job, attempt))
        {
            return;
        }

        var outcome = new HealthOutcome(job.Id, attempt.Number, clock.Now, attempt.Failure is not null);
        if (Count(webhook, outcome) is var (from, fact))
        {
            _concluded.Writer.TryWrite(new HealthChange(webhook.Id, job.Message.Company, from, fact, job.Message.Id));
        }
    }

    private (WebhookHealth From, WebhookFact Fact)? Count(RoutedWebhook webhook, HealthOutcome outcome)
    {
        while (true)
        {
            var watched = _watched.GetOrAdd(webhook.Id, static (_, w) => new Watched(w), webhook);
            lock (watched.Gate)
            {
                if (watched.IsDropped)
                {
                    continue;
                }

                var change = watched.Count(webhook, outcome, options.Health.Rules);
                if (watched.Tally.IsIdle)
                {
                    watched.IsDropped = true;
                    _watched.TryRemove(webhook.Id, out _);
                }

                return change;
            }
        }
    }

    /// <summary>Appends what was concluded, until stopped. What is lost with the process is concluded anew from the next outcomes.</summary>
    public async Task Run(CancellationToken ct)
    {
        try
        {
            await foreach (var change in _concluded.Reader.ReadAllAsync(ct))
            {
                await Append(change, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task Append(HealthChange change, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                var (health, version) = await transitions.Apply(change, ct);
                if (_watched.TryGetValue(change.Webhook, out var watched))
                {
                    lock (watched.Gate)
                    {
                        watched.Hear(health, version);
                    }
                }

                return;
            }
            catch (Exception e) when (DatabaseFailures.IsUnavailable(e) || e is DatabaseUnavailableException or CommitOutcomeUnknownException)
            {
                log.LogWarning("A change of health of {Webhook} could not be saved ({Reason}); trying again", change.Webhook, e.Message);
                await Task.Delay(options.Poll, time, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Nothing may end this loop: the other webhooks' changes pass through it too.
                log.LogError(e, "A change of health of {Webhook} could not be saved", change.Webhook);
                return;
            }
        }
    }

    /// <summary>
    /// A fault of our own, or that it was asked too often, is no failure of the webhook's. A test that fails counts for
    /// nothing, since somebody is mending; one that succeeds shows that the mend is done.
    /// </summary>
    private static bool SaysNothing(DeliveryJob job, Attempt attempt) =>
        attempt.Failure is not null && (ReceiverReply.SpendsNothing(attempt) || job.Message.Type == EventTypes.Test);

    /// <summary>Guarded by its gate.</summary>
    private sealed class Watched(RoutedWebhook webhook)
    {
        /// <summary>Of the stream that told the health: the picture that routing has may be older.</summary>
        private int _version = webhook.Version;

        public Lock Gate { get; } = new();
        public WebhookHealthTally Tally { get; private set; } = WebhookHealthTally.Of(webhook.Health);

        /// <summary>It is kept no more; what comes is counted in a new one.</summary>
        public bool IsDropped { get; set; }

        public (WebhookHealth From, WebhookFact Fact)? Count(RoutedWebhook now, HealthOutcome outcome, WebhookHealthRules rules)
        {
            if (now.Version > _version)
            {
                Hear(now.Health, now.Version);
            }

            var from = Tally.Health;
            (Tally, var change) = WebhookHealthTally.Decide(Tally, outcome, rules);
            return change is null ? null : (from, change);
        }

        public void Hear(WebhookHealth health, int version)
        {
            if (version >= _version)
            {
                (Tally, _version) = (Tally.Under(health), version);
            }
        }
    }
}
