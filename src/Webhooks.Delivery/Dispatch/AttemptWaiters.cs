using System.Collections.Concurrent;
using Webhooks.Domain;

namespace Webhooks.Delivery.Dispatch;

/// <summary>Lets a request (<c>~test</c>) wait for the end of one delivery's attempt on this node.</summary>
public sealed class AttemptWaiters
{
    private readonly ConcurrentDictionary<DeliveryId, TaskCompletionSource> _waiters = new();

    /// <summary>To be called before the attempt can begin.</summary>
    public Task For(DeliveryId delivery) => _waiters.GetOrAdd(delivery, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Forget(DeliveryId delivery) => _waiters.TryRemove(delivery, out _);

    internal void Done(DeliveryId delivery)
    {
        if (!_waiters.IsEmpty && _waiters.TryRemove(delivery, out var waiter))
        {
            waiter.TrySetResult();
        }
    }
}
