using Webhooks.Testing;

namespace Webhooks.EventStore.Tests.WakeUps;

public sealed class Signalling_commits
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_notification_between_looking_and_waiting_is_not_lost()
    {
        var signal = new LogSignal(_clock);
        var seen = signal.Version;

        signal.Notify();

        await Eventually.Arrives(signal.Wait(seen, Minute, default), "the waiter returns");
    }

    [Fact]
    public async Task One_notification_wakes_every_waiter()
    {
        var signal = new LogSignal(_clock);
        var waiters = Enumerable.Range(0, 3).Select(_ => signal.Wait(Minute, default)).ToArray();
        Assert.DoesNotContain(waiters, w => w.IsCompleted);

        signal.Notify();

        await Eventually.Arrives(Task.WhenAll(waiters), "all waiters return");
    }

    [Fact]
    public async Task A_notification_is_news_once()
    {
        var signal = new LogSignal(_clock);
        signal.Notify();

        var waiter = signal.Wait(Minute, default);

        Assert.False(waiter.IsCompleted);
        _clock.Advance(Minute);
        await Eventually.Arrives(waiter, "the waiter gives up");
    }

    [Fact]
    public async Task A_cancelled_wait_says_so()
    {
        using var stop = new CancellationTokenSource();
        var waiter = new LogSignal(_clock).Wait(Minute, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
    }
}
