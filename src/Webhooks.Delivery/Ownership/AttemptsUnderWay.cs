using Webhooks.Domain;

namespace Webhooks.Delivery.Ownership;

/// <summary>
/// The attempts that this node has begun and not yet recorded. Beginning one and changing what this node holds exclude each
/// other: after a change, the attempts listed are all there are.
/// </summary>
internal sealed class AttemptsUnderWay
{
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _deliveries = [];
    private ShardPicture _picture = ShardPicture.None;

    public ShardPicture Picture => Volatile.Read(ref _picture);

    /// <summary>Whether it was begun: not where its shard has changed hands, and not where it is under way already.</summary>
    public bool TryBegin(DeliveryId delivery, short shard, long epoch)
    {
        lock (_lock)
        {
            return _picture.Holds(shard, epoch) && _deliveries.Add(delivery.Value);
        }
    }

    public void End(DeliveryId delivery)
    {
        lock (_lock)
        {
            _deliveries.Remove(delivery.Value);
        }
    }

    /// <returns>What is under way at this moment, and goes on.</returns>
    public Guid[] Change(Func<ShardPicture, ShardPicture> change)
    {
        lock (_lock)
        {
            Volatile.Write(ref _picture, change(_picture));
            return [.. _deliveries];
        }
    }
}
