namespace Webhooks.Delivery.Ownership;

/// <summary>Which shards this node holds, and since which taking of each; immutable, a change makes a new one.</summary>
public sealed class ShardPicture
{
    public static readonly ShardPicture None = new([]);

    private readonly long[] _epochs = new long[ShardLeases.ShardCount];

    public ShardPicture(IReadOnlyCollection<HeldShard> held)
    {
        ArgumentNullException.ThrowIfNull(held);
        Shards = [.. held.Select(h => h.Shard)];
        foreach (var (shard, epoch) in held)
        {
            _epochs[shard] = epoch;
        }
    }

    public short[] Shards { get; }

    /// <summary>By shard; 0 where it is not held, which no taking has.</summary>
    public IReadOnlyList<long> Epochs => _epochs;

    public bool Holds(short shard, long epoch) => epoch != 0 && _epochs[shard] == epoch;

    public ShardPicture Without(Func<HeldShard, bool> gone) => new([.. Shards.Select(s => new HeldShard(s, _epochs[s])).Where(h => !gone(h))]);
}

/// <param name="Epoch">Counts the changes of hands: what was begun under one may not go on under another.</param>
public readonly record struct HeldShard(short Shard, long Epoch);
