using Webhooks.Delivery.Dispatch;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;
using DeliveryState = Webhooks.Domain.Deliveries.Delivery;

namespace Webhooks.Delivery.Tests.Dispatch;

/// <summary>The pump alone: attempts begin and end when the test says so.</summary>
public sealed class PumpTests
{
    private static readonly WebhookId A = new(Guid.CreateVersion7());
    private static readonly WebhookId B = new(Guid.CreateVersion7());
    private readonly FakeClock _clock = new();
    private readonly Receivers _receivers = new();

    private Pump Pump(int inFlight = 100, int perWebhook = 2, int inMemory = 100) =>
        new(new DeliveryOptions { MaxInFlight = inFlight, MaxInFlightPerWebhook = perWebhook, MaxInMemory = inMemory }, new PumpPolicy(), _clock, _receivers.Attempt);

    private static DeliveryJob Job(WebhookId webhook, int payload = 10) =>
        new(new(Guid.CreateVersion7()), webhook, new EmittedMessage(new(Guid.CreateVersion7()), default, "t", default, new byte[payload]), 0, 0, DeliveryState.Planned);

    private static void Enqueue(Pump pump, WebhookId webhook, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(pump.TryReserve(default, webhook, 10));
            pump.Enqueue(Job(webhook));
        }
    }

    [Fact]
    public async Task A_webhook_has_no_more_requests_under_way_than_its_cap()
    {
        var pump = Pump(perWebhook: 2);
        Enqueue(pump, A, 5);
        await _receivers.Started(2);
        Assert.Equal(2, pump.UnderWay);

        // The next one starts when the request is over; what is left of the first counts for a moment more.
        _receivers.Finish(1);
        await _receivers.Started(3);
        await Eventually.Is(() => pump.UnderWay == 2, "the first one is over");
        Assert.Equal(3, _receivers.Order.Count());
    }

    [Fact]
    public async Task A_hung_webhook_does_not_hold_up_another()
    {
        var pump = Pump(perWebhook: 2, inMemory: 1000);
        Enqueue(pump, A, 50);
        await _receivers.Started(2);
        Enqueue(pump, B, 1);
        await _receivers.Started(3);
        Assert.Equal(1, _receivers.StartedFor(B));
    }

    [Fact]
    public async Task Webhooks_take_turns()
    {
        var pump = Pump(inFlight: 1, perWebhook: 1);
        Enqueue(pump, A, 3);
        Enqueue(pump, B, 3);
        for (var started = 1; started < 6; started++)
        {
            await _receivers.Started(started);
            _receivers.Finish(1);
        }

        await _receivers.Started(6);
        Assert.Equal([A, B, A, B, A, B], _receivers.Order);
    }

    [Fact]
    public async Task The_node_has_no_more_requests_under_way_than_its_cap()
    {
        var pump = Pump(inFlight: 3, perWebhook: 2);
        Enqueue(pump, A, 5);
        Enqueue(pump, B, 5);
        await _receivers.Started(3);
        Assert.Equal(3, pump.UnderWay);
    }

    [Fact]
    public async Task A_slot_given_back_early_lets_the_next_request_start_while_the_outcome_is_recorded()
    {
        var pump = Pump(perWebhook: 1);
        Enqueue(pump, A, 2);
        await _receivers.Started(1);
        _receivers.ReleaseSlot(0);
        await _receivers.Started(2);
        Assert.Equal(2, pump.UnderWay);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_and_room_comes_back()
    {
        var pump = Pump(inMemory: 3);
        Enqueue(pump, A, 2);
        Assert.True(pump.TryReserve(default, B, 10));
        Assert.False(pump.TryReserve(default, B, 10));
        Assert.Equal(0, pump.Room);

        var again = new TaskCompletionSource();
        pump.RoomAgain = again.SetResult;
        pump.Unreserve(default, B, 10);
        await again.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, pump.Room);
    }

    [Fact]
    public async Task Draining_ends_with_the_last_request_under_way_and_starts_no_other()
    {
        var pump = Pump(perWebhook: 1);
        Enqueue(pump, A, 3);
        await _receivers.Started(1);
        var drained = pump.Drain();
        Assert.False(drained.IsCompleted);
        Assert.False(pump.TryReserve(default, B, 1));

        _receivers.Finish(1);
        await drained.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single(_receivers.Order);
    }

    [Fact]
    public async Task A_webhook_that_waits_for_its_rate_limit_goes_on_when_the_clock_says_so_and_holds_up_nobody()
    {
        var limits = new DeliveryLimits(null, new RateLimit(1, RatePeriod.Second));
        var pump = new Pump(new DeliveryOptions(), new PumpPolicy { LimitsOf = (_, w) => w == A ? limits : null }, _clock, _receivers.Attempt);
        Enqueue(pump, A, 3);
        await _receivers.Started(1);
        Assert.Equal(1, _clock.Waiting);
        Enqueue(pump, B, 2);
        await _receivers.Started(3);
        Assert.Equal(2, _receivers.StartedFor(B));

        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(3, pump.UnderWay);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await _receivers.Started(4);
        Assert.Equal(4, pump.UnderWay);
    }

    [Fact]
    public async Task New_limits_hold_for_what_waits_already()
    {
        var limits = new DeliveryLimits(null, new RateLimit(1, RatePeriod.Minute));
        var pump = new Pump(new DeliveryOptions(), new PumpPolicy { LimitsOf = (_, _) => limits }, _clock, _receivers.Attempt);
        Enqueue(pump, A, 3);
        await _receivers.Started(1);
        pump.ApplyLimits(default, _ => null);
        await _receivers.Started(3);
    }

    [Fact]
    public async Task What_waits_and_is_let_go_leaves_memory_and_the_rest_goes_on()
    {
        var pump = Pump(inFlight: 2, perWebhook: 2);
        Enqueue(pump, A, 4);
        Enqueue(pump, B, 2);
        await _receivers.Started(2);
        pump.LetGo(job => job.Webhook == B);
        Assert.Equal(4, pump.InMemory);

        _receivers.Finish(2);
        await _receivers.Started(3);
        _receivers.Finish(1);
        await _receivers.Started(4);
        Assert.Equal([A, A, B, B], _receivers.Order);
        _receivers.Finish(1);
        await Eventually.Is(() => pump.InMemory == 0, "memory is empty");
        Enqueue(pump, A, 1);
        await _receivers.Started(5);
    }

    [Fact]
    public async Task What_waits_for_its_rate_limit_and_is_let_go_takes_nothing_of_it()
    {
        var limits = new DeliveryLimits(null, new RateLimit(1, RatePeriod.Second));
        var pump = new Pump(new DeliveryOptions(), new PumpPolicy { LimitsOf = (_, _) => limits }, _clock, _receivers.Attempt);
        Enqueue(pump, A, 3);
        await _receivers.Started(1);
        pump.LetGo(_ => false);
        Assert.Equal(1, pump.InMemory);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Enqueue(pump, A, 1);
        await _receivers.Started(2);
    }

    /// <summary>Attempts that hang until told to end.</summary>
    private sealed class Receivers
    {
        private readonly Lock _lock = new();
        private readonly List<(WebhookId Webhook, PumpSlot Slot, TaskCompletionSource End)> _attempts = [];
        private int _finished;

        public IEnumerable<WebhookId> Order
        {
            get
            {
                lock (_lock)
                {
                    return [.. _attempts.Select(a => a.Webhook)];
                }
            }
        }

        public Task Attempt(DeliveryJob job, PumpSlot slot)
        {
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                _attempts.Add((job.Webhook, slot, end));
            }

            return end.Task;
        }

        public int StartedFor(WebhookId webhook) => Order.Count(w => w == webhook);

        public Task Started(int count) => Eventually.Is(() => Order.Count() >= count, $"{count} attempts have begun");

        public void Finish(int count)
        {
            for (var i = 0; i < count; i++)
            {
                lock (_lock)
                {
                    _attempts[_finished++].End.SetResult();
                }
            }
        }

        public void ReleaseSlot(int index)
        {
            lock (_lock)
            {
                _attempts[index].Slot.Release(LaneOutcome.Coped);
            }
        }
    }
}
