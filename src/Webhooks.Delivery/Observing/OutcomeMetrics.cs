using System.Diagnostics.Metrics;
using System.Text.Json;
using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Observing;

/// <summary>What the log was told of deliveries. Counted after the commit, so that the numbers are the log's.</summary>
public sealed class OutcomeMetrics
{
    private const string Outcome = "outcome";
    private const string StatusClass = "status_class";
    private const string Succeeded = "succeeded";
    private static readonly string[] Failures = [.. Enum.GetValues<FailureClass>().Order().Select(f => JsonNamingPolicy.SnakeCaseLower.ConvertName(f.ToString()))];
    private static readonly string[] Statuses = [.. Enum.GetValues<DeliveryStatus>().Order().Select(s => JsonNamingPolicy.SnakeCaseLower.ConvertName(s.ToString()))];
    private static readonly string[] StatusClasses = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly Counter<long> _attempts;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _parked;
    private readonly Histogram<double> _firstAttempt;
    private readonly Histogram<double> _attempt;
    private readonly Histogram<double> _delivery;

    public OutcomeMetrics(Meter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        _attempts = meter.CreateCounter<long>("webhooks.attempts", "{attempt}", "Attempts recorded, by outcome (succeeded, or the failure class) and class of the HTTP status (none where no answer came).");
        _ended = meter.CreateCounter<long>("webhooks.deliveries.ended", "{delivery}", "Deliveries that came to an end, by status: succeeded, exhausted or cancelled. One that is sent again may end again.");
        _parked = meter.CreateCounter<long>("webhooks.deliveries.parked", "{delivery}", "Deliveries parked because their webhook takes nothing at the moment.");
        _firstAttempt = meter.CreateHistogram("webhooks.first_attempt.delay", "s", "From the emission of an event to the start of a delivery's first attempt.", advice: Buckets.ShortTimes);
        _attempt = meter.CreateHistogram("webhooks.attempt.duration", "s", "One attempt, from dialling to the last byte read or to the failure.", advice: Buckets.ShortTimes);
        _delivery = meter.CreateHistogram("webhooks.delivery.duration", "s", "From the emission of an event to a receiver's successful answer, retries and waits included.", advice: Buckets.LongTimes);

        // A rate needs a number before the first event.
        _attempts.Add(0, new KeyValuePair<string, object?>(Outcome, Succeeded), new KeyValuePair<string, object?>(StatusClass, StatusClasses[2]));
        _parked.Add(0);
        foreach (var status in new[] { DeliveryStatus.Succeeded, DeliveryStatus.Exhausted, DeliveryStatus.Cancelled })
        {
            Ended(status, 0);
        }
    }

    public void Committed(DeliveryJob job, DeliveryState before, IReadOnlyList<Fact> facts, DeliveryState after)
    {
        foreach (var fact in facts)
        {
            switch (fact)
            {
                case AttemptSucceeded { Attempt: var attempt }:
                    Count(job, attempt);
                    _delivery.Record(Seconds(attempt.StartedAt - job.DueFrom) + Seconds(attempt));
                    break;
                case AttemptFailed { Attempt: var attempt }:
                    Count(job, attempt);
                    break;
            }
        }

        // An attempt that ends after its delivery did is recorded, but ends nothing.
        if (after.Status != before.Status)
        {
            switch (after.Status)
            {
                case DeliveryStatus.Succeeded or DeliveryStatus.Exhausted or DeliveryStatus.Cancelled:
                    Ended(after.Status, 1);
                    break;
                case DeliveryStatus.Parked:
                    _parked.Add(1);
                    break;
            }
        }
    }

    private void Count(DeliveryJob job, Attempt attempt)
    {
        var outcome = attempt.Failure is { } failure ? Failures[(int)failure] : Succeeded;
        var statusClass = attempt.StatusCode is >= 100 and < 600 and var status ? StatusClasses[status / 100] : StatusClasses[0];
        _attempts.Add(1, new KeyValuePair<string, object?>(Outcome, outcome), new KeyValuePair<string, object?>(StatusClass, statusClass));
        _attempt.Record(Seconds(attempt));
        if (attempt.Number == 1)
        {
            _firstAttempt.Record(Seconds(attempt.StartedAt - job.DueFrom));
        }
    }

    private void Ended(DeliveryStatus status, int count) => _ended.Add(count, new KeyValuePair<string, object?>("status", Statuses[(int)status]));

    private static double Seconds(Attempt attempt) => attempt.DurationUs / 1e6;

    /// <summary>The clocks of two nodes may differ.</summary>
    private static double Seconds(TimeSpan span) => Math.Max(0, span.TotalSeconds);
}
