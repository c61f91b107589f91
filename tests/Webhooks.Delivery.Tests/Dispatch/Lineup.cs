using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;
using Webhooks.Testing;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>The decisions of the pump without its tasks: a test says what comes, what ends and how, and reads what started.</summary>
internal sealed class Lineup
{
    private readonly Slots _slots;
    private readonly Turns _turns;
    private readonly Lanes _lanes;
    private readonly List<Started> _underWay = [];

    public Lineup(int maxInFlight = 512, PumpPolicy? policy = null, int perWebhook = 64)
    {
        policy ??= new PumpPolicy();
        _slots = new Slots(new DeliveryOptions { MaxInFlight = maxInFlight, MaxInFlightPerWebhook = perWebhook }, policy, Clock);
        _turns = new Turns(_slots, policy);
        _lanes = new Lanes(policy, _slots);
    }

    internal sealed record Started(Line Line, int Round, int? RampRound)
    {
        public WebhookId Webhook => Line.Lane.Webhook;
        public CompanyId Company => Line.Lane.Company.Id;
    }

    public FakeClock Clock { get; } = new();
    public IReadOnlyList<Started> UnderWay => _underWay;
    public int OnRamp => _slots.OnRamp;
    public int Lanes => _lanes.Count;

    public static CompanyId Company() => new(Guid.CreateVersion7());
    public static WebhookId Webhook() => new(Guid.CreateVersion7());
    public static WebhookId[] Webhooks(int count) => [.. Enumerable.Range(0, count).Select(_ => Webhook())];

    public int UnderWayOf(WebhookId webhook) => _underWay.Count(s => s.Webhook == webhook);

    public IEnumerable<DeliveryJob> Waiting(CompanyId company) => _lanes.OfCompany(company).SelectMany(l => l.First.Waiting.Concat(l.Retries.Waiting));

    public Lane Lane(CompanyId company, WebhookId webhook) => _lanes.Of(company, webhook);

    public void Come(CompanyId company, WebhookId webhook, int count, bool retries = false)
    {
        var lane = Lane(company, webhook);
        var state = retries ? DeliveryState.Planned with { Attempts = 1, Failures = 1 } : DeliveryState.Planned;
        for (var i = 0; i < count; i++)
        {
            var job = new DeliveryJob(default, webhook, new EmittedMessage(default, company, "t", default, []), 0, 0, state);
            lane.LineOf(job).Waiting.Enqueue(job);
        }

        _turns.Offer(lane);
    }

    /// <summary>Starts all that may start, after time has passed. Returns it in order.</summary>
    public List<Started> StartAll(TimeSpan after = default)
    {
        Clock.Advance(after);
        _turns.Wake(_slots.Now);
        var started = new List<Started>();
        while (_turns.Next() is { } line)
        {
            started.Add(new Started(line, line.Lane.Window.Round, _slots.Take(line)));
            line.Waiting.Dequeue();
            _turns.Offer(line.Lane);
        }

        _underWay.AddRange(started);
        return started;
    }

    public void End(Started attempt, LaneOutcome outcome = LaneOutcome.Coped)
    {
        _underWay.Remove(attempt);
        _slots.RequestOver(attempt.Line.Lane, outcome, attempt.Round, attempt.RampRound);
        _slots.GiveBack(attempt.Line);
        _turns.Offer(attempt.Line.Lane);
    }

    /// <summary>Ends the oldest that is under way, as often as told, starting what may start after each; returns what did.</summary>
    public List<Started> EndOldest(int times, Func<Started, bool>? of = null)
    {
        var started = new List<Started>();
        for (var i = 0; i < times; i++)
        {
            End(_underWay.First(of ?? (_ => true)));
            started.AddRange(StartAll());
        }

        return started;
    }
}
