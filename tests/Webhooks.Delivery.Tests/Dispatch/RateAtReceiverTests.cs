using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>Rate limits as a receiver sees them: real HTTP, on a clock that the test moves.</summary>
public sealed class RateAtReceiverTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private readonly FakeClock _clock = new(DateTimeOffset.UtcNow);
    private readonly ConcurrentQueue<DateTimeOffset> _arrivals = new();
    private readonly CompanyId _company = new(Guid.CreateVersion7());
    private Receiver _receiver = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.Start();
        _receiver.Answer = _ =>
        {
            _arrivals.Enqueue(_clock.GetUtcNow());
            return Task.FromResult(200);
        };
        var signal = new LogSignal(_clock);
        _node = new DeliveryNode(
            installation.DataSource, installation.Store(signal), signal, new DatabaseClock(_clock), installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System),
            new DeliveryOptions { Lease = TimeSpan.FromMinutes(5) }, _clock, NullLoggerFactory.Instance);
        await _node.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private async Task<IReadOnlyList<DeliveryId>> Emit(int count)
    {
        var emitted = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => _node.Acceptance.Emit(new EventToEmit(_company, "t", "{}"u8.ToArray(), null, null, Guid.NewGuid()), default)));
        return [.. emitted.SelectMany(e => Assert.IsType<EmitOutcome.Accepted>(e).Deliveries)];
    }

    [Fact]
    public async Task Ten_per_second_arrive_one_every_tenth_of_a_second_and_waiting_spends_no_attempt()
    {
        await installation.Register(_receiver.Url, c => c with { Limits = new DeliveryLimits(null, new RateLimit(10, RatePeriod.Second)), MaxAttempts = 1 }, _company);
        var deliveries = await Emit(30);
        await Settled(1);
        for (var expected = 2; expected <= 30; expected++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(99));
            await Settled(expected - 1);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await Settled(expected);
        }

        var arrivals = _arrivals.ToArray();
        Assert.All(arrivals.Zip(arrivals.Skip(1)), pair => Assert.Equal(TimeSpan.FromMilliseconds(100), pair.Second - pair.First));
        foreach (var delivery in deliveries)
        {
            await Eventually.Is(async () => (await installation.Facts(delivery.Value)) is [AttemptSucceeded { Attempt.Number: 1 }], $"{delivery} has one attempt");
        }
    }

    [Fact]
    public async Task A_rate_that_is_taken_away_lets_go_at_once()
    {
        var webhook = await installation.Register(_receiver.Url, c => c with { Limits = new DeliveryLimits(null, new RateLimit(1, RatePeriod.Minute)) }, _company);
        await Emit(5);
        await Settled(1);
        var state = (WebhookCreated)(await installation.Facts(webhook.Value))[0];
        await installation.Change(webhook, new UpdateWebhook(state.Configuration with { Limits = null }), _company);

        // The next accept finds in its transaction that the webhook has changed.
        await Emit(1);
        await _receiver.HasReceived(6);
    }

    /// <summary>So many have come, and no request is under way that would bring more.</summary>
    private async Task Settled(int count)
    {
        await Eventually.Is(() => _arrivals.Count >= count && _node.Pump.UnderWay == 0, $"{count} requests have come");
        Assert.Equal(count, _arrivals.Count);
    }
}
