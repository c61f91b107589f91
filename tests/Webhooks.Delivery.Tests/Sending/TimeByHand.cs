using System.Collections.Concurrent;

namespace Webhooks.Delivery.Tests.Sending;

/// <summary>Deadlines pass when the test says so.</summary>
internal sealed class TimeByHand : TimeProvider
{
    private readonly ConcurrentBag<HeldTimer> _timers = [];

    public void PassDeadlines()
    {
        foreach (var timer in _timers)
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HeldTimer(callback, state);
        _timers.Add(timer);
        return timer;
    }

    private sealed class HeldTimer(TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public void Fire()
        {
            if (!_disposed)
            {
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => _disposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
