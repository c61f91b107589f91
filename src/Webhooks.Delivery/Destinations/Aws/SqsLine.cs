using Webhooks.Delivery.Sending;

namespace Webhooks.Delivery.Destinations.Aws;

/// <summary>What may share a request: one webhook's messages to one queue, signed and encrypted in the same name.</summary>
internal sealed record SqsLineKey(AwsTarget Target, TlsIdentity? Tls);

/// <summary>
/// Which messages to a queue are under way, and which go next. A message goes at once while there is room; else it waits
/// until a request is over. Messages of one ordering key are never under way together, neither in one request nor in two:
/// of entries in one request some may fail while later ones are taken, and a request outlives the deadlines of single
/// messages in it. Without a key no order is promised, whatever their group.
/// </summary>
/// <remarks>Guarded by whoever holds it.</remarks>
internal sealed class SqsLine(SqsLineKey key)
{
    /// <summary>The more there are, the less is shared; the fewer, the longer a message waits behind one slow answer.</summary>
    public const int MaxRequests = 4;

    /// <summary>Amazon's limit.</summary>
    public const int MaxEntries = 10;

    /// <summary>
    /// Of all messages of a request. Amazon took 256 KiB until August 2025, as emulators still do, and 1 MiB since. More would
    /// save nothing either: each 64 KiB are charged as one request.
    /// </summary>
    public const int MaxBytes = 256 * 1024;

    private readonly LinkedList<SqsEntry> _waiting = [];
    private readonly HashSet<string> _keys = [];
    private int _requests;

    public SqsLineKey Key => key;

    public bool IsIdle => _requests == 0 && _waiting.Count == 0;

    /// <returns>Whether it goes now, alone; else it waits.</returns>
    public bool Enter(SqsEntry entry)
    {
        if (_requests == MaxRequests || IsHeldBack(entry))
        {
            _waiting.AddLast(entry);
            return false;
        }

        _requests++;
        Take(entry);
        return true;
    }

    /// <returns>Whether it was in no request, and never will be.</returns>
    public bool Withdraw(SqsEntry entry)
    {
        _waiting.Remove(entry);
        entry.IsWithdrawn = true;
        return !entry.IsTaken;
    }

    /// <summary>Their request is over.</summary>
    public void Leave(IReadOnlyList<SqsEntry> entries)
    {
        _requests--;
        foreach (var entry in entries)
        {
            if (entry.OrderingKey is { } ordering)
            {
                _keys.Remove(ordering);
            }
        }
    }

    /// <summary>
    /// Their request was refused as a whole, so that none of them was taken: one of them may be the reason, or that there were several.
    /// Each goes again alone, before all others.
    /// </summary>
    public void TakeApart(IReadOnlyList<SqsEntry> entries)
    {
        Leave(entries);
        foreach (var entry in entries.Reverse())
        {
            (entry.IsTaken, entry.GoesAlone) = (false, true);
            _waiting.AddFirst(entry);
        }
    }

    /// <returns>What the next request carries, in the order in which it came; nothing where none may go.</returns>
    public IReadOnlyList<SqsEntry> Next()
    {
        var taken = new List<SqsEntry>();
        if (_requests == MaxRequests)
        {
            return taken;
        }

        var bytes = 0;
        for (var (node, next) = (_waiting.First, _waiting.First?.Next); node is not null && taken.Count < MaxEntries; (node, next) = (next, next?.Next))
        {
            var entry = node.Value;
            if (entry.IsOver)
            {
                _waiting.Remove(node);
            }
            else if (!IsHeldBack(entry))
            {
                // The first goes whatever its length: alone, and Amazon judges it.
                if (taken.Count > 0 && (bytes + entry.Bytes > MaxBytes || entry.GoesAlone || taken[0].GoesAlone))
                {
                    break;
                }

                bytes += entry.Bytes;
                _waiting.Remove(node);
                Take(entry);
                taken.Add(entry);
            }
        }

        _requests += taken.Count > 0 ? 1 : 0;
        return taken;
    }

    private bool IsHeldBack(SqsEntry entry) => entry.OrderingKey is { } ordering && _keys.Contains(ordering);

    private void Take(SqsEntry entry)
    {
        entry.IsTaken = true;
        if (entry.OrderingKey is { } ordering)
        {
            _keys.Add(ordering);
        }
    }
}
