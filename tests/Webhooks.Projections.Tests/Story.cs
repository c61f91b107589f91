using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Projections.Tests;

/// <summary>A random but repeatable life of an installation: events to several webhooks, and all that can happen to their deliveries.</summary>
internal sealed class Story(int seed)
{
    private static readonly RetryPolicy Policy = new FixedRetry(60_000) { TotalDeadlineMs = RetryPolicy.MaxSpanMs };
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random = new(seed);
    private readonly List<Guid> _deliveries = [];
    private readonly Dictionary<Guid, (Guid Message, CompanyId Company, DeliveryState State, int Version)> _states = [];

    public IReadOnlyList<CompanyId> Companies { get; } = [new(Given.Id(101)), new(Given.Id(102))];
    public IReadOnlyList<WebhookId> Webhooks { get; } = [new(Given.Id(201)), new(Given.Id(202)), new(Given.Id(203)), new(Given.Id(204))];

    /// <summary>The webhook's company: the first two are the first's.</summary>
    public CompanyId Owner(WebhookId webhook) => Companies[webhook == Webhooks[0] || webhook == Webhooks[1] ? 0 : 1];

    public async Task Register(MigratedDatabase database)
    {
        foreach (var webhook in Webhooks)
        {
            await database.Append(webhook.Value, 0, Meta(Owner(webhook), webhook.Value), Given.Created(Given.Configuration($"hook {webhook}"), company: Owner(webhook)));
        }
    }

    /// <summary>Steps are appended several to a transaction, as the append writer does.</summary>
    public async Task Go(MigratedDatabase database, int steps)
    {
        for (var done = 0; done < steps;)
        {
            await using var session = await database.Store.OpenSession(default);
            for (var together = _random.Next(1, 8); together > 0 && done < steps; together--, done++)
            {
                if (_deliveries.Count == 0 || _random.Next(3) == 0)
                {
                    Emit(session, done);
                }
                else
                {
                    Happen(session);
                }
            }

            Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
        }
    }

    private void Emit(EventSession session, int step)
    {
        var company = Companies[_random.Next(Companies.Count)];
        var message = Given.Id(10_000 + step, _random);
        var own = Webhooks.Where(w => Owner(w) == company).ToList();
        var fanOut = step % 97 == 5 ? Message.MaxDeliveriesPerFact + 3 : _random.Next(own.Count + 1);
        var matched = Enumerable.Range(0, fanOut).Select(i => new PlannedDelivery(new DeliveryId(Given.Id(10_000 + step, _random)), own[i % own.Count])).ToArray();
        var key = _random.Next(4) == 0 ? $"key \"{step}\" ü" : null;
        var emit = new EmitEvent(step % 2 == 0 ? "order.paid" : "order.sent", Given.Start.AddMilliseconds(10_000 + step), 10 + step, "c2hh", key, key is null ? null : "ZmluZ2Vy", matched);
        session.Append(message, 0, Message.Decide(Message.Unknown, emit).Facts, Meta(company, message));
        foreach (var (delivery, _) in matched)
        {
            _deliveries.Add(delivery.Value);
            _states.Add(delivery.Value, (message, company, DeliveryState.Planned, 0));
        }
    }

    private void Happen(EventSession session)
    {
        var id = _deliveries[_random.Next(2) == 0 ? _random.Next(_deliveries.Count) : Math.Max(0, _deliveries.Count - 1 - _random.Next(3))];
        var (message, company, state, version) = _states[id];
        DeliveryCommand command = _random.Next(12) switch
        {
            < 5 => new RecordAttempt(Given.Attempt(state.Attempts + 1), 3, Policy, Now, 0.5),
            < 6 => new RecordAttempt(Given.Attempt(state.Attempts + 1, 429, FailureClass.Status), 3, Policy, Now.AddTicks(_random.Next(1_000_000)), 0.5),
            < 7 => new RecordAttempt(Given.Attempt(state.Attempts + 1, null, _random.Next(2) == 0 ? FailureClass.Reset : FailureClass.Timeout), 3, Policy, Now.AddTicks(_random.Next(1_000_000)), 0.5),
            < 9 => new RecordAttempt(Given.Attempt(state.Attempts + 1, 500 + _random.Next(5), FailureClass.Status), 3, Policy, Now.AddTicks(_random.Next(1_000_000)), 0.5),
            9 => new DeferDelivery(DeferredReason.WebhookDisabled),
            10 => new CancelDelivery(CancelledReason.WebhookDeleted),
            _ => new RetryDelivery(WebhookStatus.Active, Now),
        };
        var facts = DeliveryState.Decide(state, command).Facts;
        session.Append(id, version, facts, Meta(company, message));
        _states[id] = (message, company, facts.Aggregate(state, (s, f) => DeliveryState.Evolve(s, (DeliveryFact)f)), version + facts.Count);
    }

    private static FactMeta Meta(CompanyId company, Guid correlation) => new(company, null, correlation);
}
