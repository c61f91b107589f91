using System.Threading.Channels;
using Webhooks.Domain;

namespace Webhooks.Delivery.Recording;

/// <summary>What waits for the node's writer, and which of it goes into the next batch. Added to by many, taken from by one.</summary>
internal sealed class AppendIntake(AppendRoom room)
{
    private const int MaxMembers = 1000;
    private const int MaxFacts = 4000;
    private const int MaxBytes = 16 * 1024 * 1024;

    private readonly Channel<PendingAppend> _waiting = Channel.CreateUnbounded<PendingAppend>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<PendingAppend> _carried = [];
    private readonly HashSet<Guid> _streams = [];
    private readonly Dictionary<(CompanyId, string), PendingAppend> _keys = [];

    /// <returns>False where too many, or too large ones, wait already, the database does not answer, or the writer stops.</returns>
    public bool TryAdd(PendingAppend append)
    {
        if (!room.TryEnter(append))
        {
            return false;
        }

        append.OnDone = room.Done;
        if (!_waiting.Writer.TryWrite(append))
        {
            room.Taken();
            return false;
        }

        return true;
    }

    /// <summary>Takes no more. What waits is still handed out.</summary>
    public void Close() => _waiting.Writer.TryComplete();

    /// <returns>False once it is closed and empty.</returns>
    public async ValueTask<bool> HasMore() => _carried.Count > 0 || await _waiting.Reader.WaitToReadAsync();

    /// <summary>The members of the next batch.</summary>
    public void Take(List<PendingAppend> members)
    {
        members.Clear();
        members.AddRange(_carried);
        _carried.Clear();
        var (facts, bytes) = (0, 0);
        while (members.Count < MaxMembers && facts < MaxFacts && bytes < MaxBytes && TryTakeNext(out var next))
        {
            if (next is not null)
            {
                members.Add(next);
                facts += next.Facts.Count;
                bytes += next.Bytes;
            }
        }

        HoldBackTwins(members);
    }

    /// <summary>Everything that waits is judged; what is left goes into the next batch.</summary>
    public void Sift(Action<List<PendingAppend>> refuse)
    {
        while (TryTakeNext(out var next))
        {
            if (next is not null)
            {
                _carried.Add(next);
            }
        }

        refuse(_carried);
    }

    /// <param name="next">Null where it was withdrawn meanwhile.</param>
    private bool TryTakeNext(out PendingAppend? next)
    {
        if (!_waiting.Reader.TryRead(out next))
        {
            return false;
        }

        room.Taken();
        if (!next.TryTake())
        {
            next.Complete(AppendOutcome.Unavailable.Instance);
            next = null;
        }

        return true;
    }

    /// <summary>
    /// What would fail another in its batch. A request with the idempotency key of one before it needs no batch: the first one's
    /// outcome is its answer, and a thousand of them cost the others nothing. Of two appends to one stream the later one waits.
    /// </summary>
    private void HoldBackTwins(List<PendingAppend> members)
    {
        _streams.Clear();
        _keys.Clear();
        members.RemoveAll(member =>
        {
            if (member.Idempotency is { } key && !_keys.TryAdd((key.Company, key.Key), member))
            {
                _keys[(key.Company, key.Key)].AnswersToo(member);
                return true;
            }

            var isLater = !_streams.Add(member.Facts[0].StreamId);
            if (isLater)
            {
                _carried.Add(member);
            }

            return isLater;
        });
    }
}
