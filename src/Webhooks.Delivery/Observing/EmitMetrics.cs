using System.Diagnostics.Metrics;
using Webhooks.Delivery.Accepting;

namespace Webhooks.Delivery.Observing;

/// <summary>What became of events that were handed over.</summary>
public sealed class EmitMetrics
{
    private const string Unavailable = "unavailable";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;

    public EmitMetrics(Meter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        _accepted = meter.CreateCounter<long>("webhooks.events.accepted", "{event}", "Events accepted and committed; repeats under a known idempotency key are not among them.");
        _refused = meter.CreateCounter<long>("webhooks.events.refused", "{event}", "Events not accepted, by reason: unavailable (the database is away or too much waits for it), idempotency_key.taken, or the broken rule.");

        // A rate needs a number before the first event.
        _accepted.Add(0);
        Refused(Unavailable, 0);
    }

    public void Count(EmitOutcome outcome)
    {
        switch (outcome)
        {
            case EmitOutcome.Accepted { Repeated: false }:
                _accepted.Add(1);
                break;
            case EmitOutcome.Refused refused:
                // A code of ours: there are as many as rules.
                Refused(refused.Refusal.Code);
                break;
            case EmitOutcome.KeyTaken:
                Refused("idempotency_key.taken");
                break;
            case EmitOutcome.Unavailable:
                Refused(Unavailable);
                break;
        }
    }

    private void Refused(string reason, int count = 1) => _refused.Add(count, new KeyValuePair<string, object?>("reason", reason));
}
