using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Webhooks.Delivery.Dispatch;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Recovery;

/// <summary>Tells the loader of due work when to look: at once, or at the time of the next retry.</summary>
/// <param name="ordered">That of the loader of ordered work.</param>
public sealed class DueSignal(TimeProvider time, DueSignal? ordered = null)
{
    private static readonly TimeSpan FaultPause = TimeSpan.FromSeconds(1);

    private readonly LogSignal _signal = new(time);
    private readonly ConcurrentQueue<DeliveryJob> _stranded = new();
    private long _plannedTicks = long.MaxValue;

    public long Version => _signal.Version;

    public void Now() => _signal.Notify();

    /// <summary>Rows became due, of whatever kind.</summary>
    public void WorkArrived()
    {
        Now();
        ordered?.Now();
    }

    /// <summary>A webhook may have more in memory again.</summary>
    public void RoomForOrdered() => ordered?.Now();

    /// <summary>Work falls due then; wakes the loader only where it means to sleep longer.</summary>
    public void At(DateTimeOffset dueAt)
    {
        if (dueAt.UtcTicks < Volatile.Read(ref _plannedTicks))
        {
            _signal.Notify();
        }
    }

    /// <summary>A delivery fell out of memory without an outcome; its row must be made due again, unless its shard has changed hands.</summary>
    public void Stranded(DeliveryJob job) => _stranded.Enqueue(job);

    public bool TryTakeStranded([MaybeNullWhen(false)] out DeliveryJob job) => _stranded.TryDequeue(out job);

    /// <param name="until">When the caller will look again by itself, by the database's clock.</param>
    public Task Wait(long seen, DateTimeOffset until, TimeSpan timeout, CancellationToken ct)
    {
        Volatile.Write(ref _plannedTicks, until.UtcTicks);
        return _signal.Wait(seen, timeout, ct);
    }

    /// <summary>A loader rests after a fault, whatever arrives: what it put back is told at once, and would bring the same fault thousands of times.</summary>
    /// <returns>To look at once after that.</returns>
    internal static async Task<(DateTimeOffset Until, TimeSpan Timeout)> AfterFault(TimeProvider time, CancellationToken ct)
    {
        await Task.Delay(FaultPause, time, ct);
        return (DateTimeOffset.MinValue, TimeSpan.Zero);
    }
}
