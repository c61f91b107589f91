using System.Collections.Immutable;

namespace Webhooks.Domain.Endpoints;

/// <summary>One attempt, as far as the webhook's health is concerned.</summary>
/// <param name="At">When its outcome was known, by the database's clock.</param>
public readonly record struct HealthOutcome(DeliveryId Delivery, int Attempt, DateTimeOffset At, bool Failed);

/// <summary>
/// What a node has counted of a webhook's outcomes since its health last changed, and what follows from it. Kept in
/// memory only: after a restart the stream tells the state and since when it fails, and the counts begin anew.
/// </summary>
public sealed record WebhookHealthTally
{
    /// <summary>Outcomes remembered at most: what the share of failures is taken of.</summary>
    public const int MaxRecent = 50;

    /// <summary>A share of fewer attempts says nothing.</summary>
    public const int MinForShare = 20;

    private WebhookHealthTally(WebhookHealth health) =>
        (Health, Failures, FailingSince) = (health, health.ConsecutiveFailures ?? 0, health.FailingSince);

    public WebhookHealth Health { get; private init; }

    /// <summary>In a row, up to the last outcome.</summary>
    public int Failures { get; private init; }
    public int Successes { get; private init; }
    public DateTimeOffset? FailingSince { get; private init; }

    /// <summary>In the order in which they came.</summary>
    public ImmutableArray<HealthOutcome> Recent { get; private init; } = [];

    /// <summary>Outcomes up to here are no longer remembered one by one, so one that comes from then may have been counted already.</summary>
    private DateTimeOffset ForgottenUntil { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Nothing speaks against it any more: it need not be kept.</summary>
    public bool IsIdle => Health.State == HealthState.Healthy && Failures == 0 && !Recent.Any(o => o.Failed);

    public static WebhookHealthTally Of(WebhookHealth health) => new(health);

    /// <summary>The health as the stream has it now. Becoming degraded ends no count; every other change does.</summary>
    public WebhookHealthTally Under(WebhookHealth health) =>
        health == Health ? this
        : (Health.State, health.State) == (HealthState.Healthy, HealthState.Degraded) ? this with { Health = health }
        : new(health) { ForgottenUntil = Recent.Length > 0 ? Latest(Recent.Max(o => o.At), ForgottenUntil) : ForgottenUntil };

    /// <summary>Counts an outcome, once: one that was counted before changes nothing.</summary>
    /// <returns>The counts after it, under the health after it, and the change of health that it brings about, if any.</returns>
    public static (WebhookHealthTally After, WebhookFact? Change) Decide(WebhookHealthTally state, HealthOutcome outcome, WebhookHealthRules rules)
    {
        if (outcome.At <= state.ForgottenUntil || state.Recent.Any(o => o.Delivery == outcome.Delivery && o.Attempt == outcome.Attempt))
        {
            return (state, null);
        }

        var counted = state.Count(outcome, rules.DegradedWindow);
        var change = outcome.Failed ? counted.AfterFailure(outcome.At, rules) : counted.AfterSuccess(outcome.At, rules);
        return change is null ? (counted, null) : (counted.Under(WebhookHealth.After(counted.Health, change) ?? WebhookHealth.Healthy), change);
    }

    private WebhookHealthTally Count(HealthOutcome outcome, TimeSpan window)
    {
        var recent = Recent.Add(outcome);
        var forgotten = recent.Take(Math.Max(0, recent.Length - MaxRecent)).Concat(recent.Where(o => o.At <= outcome.At - window)).ToHashSet();
        return this with
        {
            Recent = forgotten.Count == 0 ? recent : recent.RemoveAll(forgotten.Contains),
            ForgottenUntil = forgotten.Count == 0 ? ForgottenUntil : Latest(forgotten.Max(o => o.At), ForgottenUntil),
            Failures = outcome.Failed ? Failures + 1 : 0,
            Successes = outcome.Failed ? 0 : Successes + 1,
            FailingSince = outcome.Failed ? FailingSince ?? outcome.At : null,
        };
    }

    private WebhookFact? AfterFailure(DateTimeOffset at, WebhookHealthRules rules)
    {
        var since = FailingSince ?? at;
        return Health.State switch
        {
            HealthState.Paused when at - since >= rules.DisabledAfter => new WebhookDisabled(DisabledReason.Failing, at, since, Failures),
            HealthState.Paused or HealthState.Disabled => null,
            HealthState.Degraded when Failures >= rules.PausedAfterFailures && at - since >= rules.PausedAfter => new WebhookPaused(at, since, Failures, at + rules.ProbeDelay(0)),
            HealthState.Healthy when Failures >= rules.DegradedAfterFailures || FailsOften(rules) => new WebhookDegraded(at, since, Failures, Recent.Count(o => o.Failed), Recent.Length),
            _ => null,
        };
    }

    private WebhookRecovered? AfterSuccess(DateTimeOffset at, WebhookHealthRules rules) => Health.State switch
    {
        HealthState.Paused => new WebhookRecovered(at),
        HealthState.Degraded when Successes >= rules.RecoveredAfterSuccesses => new WebhookRecovered(at),
        _ => null,
    };

    private static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private bool FailsOften(WebhookHealthRules rules) =>
        Recent.Length >= MinForShare && Recent.Count(o => o.Failed) >= rules.DegradedFailureShare * Recent.Length;
}
