using Microsoft.Extensions.Logging;
using Npgsql;
using Webhooks.Delivery.Dispatch;
using Webhooks.Delivery.Recovery;
using Webhooks.Domain;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Ownership;

/// <summary>
/// Which shards this node delivers: its share of them, as many as any other living node, one more at most. A new node is
/// given its share by the others at once; what a dead or frozen one owned is divided among the rest. Taking a shard is safe
/// even from an owner that is only slow: its epoch fences what the owner puts into memory, and the version of each
/// delivery's stream lets only one outcome of an attempt into the log.
/// </summary>
public sealed class ShardLeases(NpgsqlDataSource dataSource, QueueTable queue, DueSignal due, LogSignal elsewhere, DeliveryOptions options, TimeProvider time, ILogger<ShardLeases> log) : IAsyncDisposable
{
    public const short ShardCount = 64;

    /// <summary>Events in a row that go to one shard, so that a group commit has few to check.</summary>
    private const int EventsPerTurn = 64;

    /// <summary>No request takes longer than a minute; its outcome needs a moment to be written.</summary>
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(65);

    private readonly NodeSession _session = new(dataSource, options);
    private readonly AttemptsUnderWay _underWay = new();
    private readonly LogSignal _look = new(time);
    private ShardTable? _table;
    private long _renewedAt;
    private int _turn;
    private int _living = 1;
    private ulong _written;
    private volatile bool _inDoubt;
    private bool _isShort;
    private ShardPicture _told = ShardPicture.None;

    /// <summary>Told when this node has other shards than before, or the same under other epochs: what it has in memory under others it will not send.</summary>
    public Action<ShardPicture>? Changed { get; set; }

    /// <summary>Living nodes that deliver, this one included where it does; 1 before the first look.</summary>
    public int LiveNodes => Math.Max(1, Volatile.Read(ref _living));

    /// <summary>Empty on nodes that only accept, and when the lease may have run out.</summary>
    public short[] Owned => IsRenewed ? _underWay.Picture.Shards : [];

    /// <summary>By shard: the taking under which this node holds it. What is brought into memory belongs to that taking.</summary>
    public IReadOnlyList<long> Epochs => _underWay.Picture.Epochs;

    public bool Holds(short shard, long epoch) => IsRenewed && _underWay.Picture.Holds(shard, epoch);

    /// <summary>The next look where one has failed, or others still have what is this node's share.</summary>
    private TimeSpan Soon => options.Lease / 5 < TimeSpan.FromSeconds(1) ? options.Lease / 5 : TimeSpan.FromSeconds(1);

    private bool IsRenewed => time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < options.Lease;

    /// <summary>How many shards a node has when so many live and so many of them are older than it.</summary>
    public static int Share(int living, int earlier) => (ShardCount / living) + (earlier < ShardCount % living ? 1 : 0);

    /// <summary>
    /// Asked right before sending: a node that stood still, or had no database, may have been relieved meanwhile, and even be
    /// back. What may not begin is loaded from its row by whoever holds the shard now.
    /// </summary>
    public bool TryBegin(DeliveryJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!IsRenewed)
        {
            // Its row says that it is in this memory: when the lease is renewed, the shards are begun anew.
            InDoubt();
            return false;
        }

        var begun = _underWay.TryBegin(job.Id, job.Shard, job.Epoch);
        if (!begun && job.OrderingKey is null && Holds(job.Shard, job.Epoch))
        {
            // An earlier attempt of it, begun under another epoch, is not recorded yet. An ordered one is put back with those behind it.
            due.Stranded(job);
        }

        return begun;
    }

    /// <summary>The attempt is recorded, or given up.</summary>
    public void End(DeliveryJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        _underWay.End(job.Id);
    }

    /// <summary>Where new deliveries are written: into a shard of this node where it has one, else into anybody's.</summary>
    public (short Number, bool IsMine) ForNewWork()
    {
        var owned = Owned;
        return owned.Length > 0
            ? (owned[(uint)Interlocked.Increment(ref _turn) / EventsPerTurn % (uint)owned.Length], true)
            : ((short)Random.Shared.Next(ShardCount), false);
    }

    /// <summary>Where deliveries to a webhook that one node alone serves are written: the shard that all nodes know from its id.</summary>
    public (short Number, bool IsMine) ForPinned(WebhookId webhook)
    {
        var shard = PinnedShard(webhook);
        return (shard, Owned.Contains(shard));
    }

    /// <summary>The last bits of the id, which are random and the same on every node.</summary>
    public static short PinnedShard(WebhookId webhook)
    {
        Span<byte> bytes = stackalloc byte[16];
        webhook.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return (short)(bytes[15] % ShardCount);
    }

    /// <summary>A row that is due was written: this node loads it if the shard is its own, else the owner is woken.</summary>
    public void WorkIsDue(short shard)
    {
        if (Owned.Contains(shard))
        {
            due.WorkArrived();
        }
        else
        {
            Interlocked.Or(ref _written, 1UL << shard);
            elsewhere.Notify();
        }
    }

    /// <summary>The shards of other nodes into which work was written since the last call, a bit for each.</summary>
    internal ulong TakeWritten() => Interlocked.Exchange(ref _written, 0);

    /// <summary>Another node has written work into these shards.</summary>
    internal void WorkArrived(ulong shards)
    {
        if (Array.Exists(Owned, s => (shards & (1UL << s)) != 0))
        {
            due.WorkArrived();
        }
    }

    /// <summary>The database says that these shards are held under other epochs than was thought here.</summary>
    public void Moved(IReadOnlyDictionary<short, long> epochs)
    {
        _underWay.Change(picture => picture.Without(h => epochs.TryGetValue(h.Shard, out var epoch) && epoch != h.Epoch));
        LookAgain();
    }

    /// <summary>Rows may stand in the queue as if in this node's memory, but are not; or they may be written yet. The shards are begun anew, which makes such rows due and keeps late ones out.</summary>
    public void InDoubt()
    {
        _inDoubt = true;
        LookAgain();
    }

    /// <summary>The next round begins at once.</summary>
    public void LookAgain() => _look.Notify();

    /// <summary>One round after the other until stopped.</summary>
    public async Task Run(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var seen = _look.Version;
            try
            {
                await RunOnce(ct);
                await _look.Wait(seen, _isShort ? Soon : options.Lease / 5, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // The node stops; its shards are given up next.
            }
            catch (Exception e)
            {
                // Nothing may end this loop. Without a session others may take the shards; the fences keep the log right.
                log.LogWarning(DatabaseFailures.Trace(e), "Shard leases could not be renewed ({Reason}); trying again", e.Message);
                await Task.Delay(Soon, time, CancellationToken.None);
            }
        }
    }

    /// <summary>One round: renew, give the surplus to others, take what is free, up to this node's share. Returns how many shards are held.</summary>
    public async Task<int> RunOnce(CancellationToken ct)
    {
        var asked = time.GetTimestamp();
        var session = await _session.Renew(ct);
        var table = _table ??= new ShardTable(_session.Node);
        if (_inDoubt)
        {
            _inDoubt = false;
            _underWay.Change(static _ => ShardPicture.None);
        }

        var (living, earlier, held) = await table.Read(session, ct);
        Volatile.Write(ref _living, living);
        if (options.Delivers)
        {
            held = await Confirm(table, session, held, ct);
            var share = Share(Math.Max(living, 1), earlier);
            held = await Divide(table, session, held, share, ct);
            _isShort = held.Count < share;
            await Load(held, ct);
            await ShardTable.SendForTheDead(session, ct);
        }

        Volatile.Write(ref _renewedAt, asked);
        return held.Count;
    }

    /// <summary>Shards that the table gives to this node, but that it does not count on: what was in memory under them is in doubt.</summary>
    private async Task<List<HeldShard>> Confirm(ShardTable table, NpgsqlConnection session, List<HeldShard> held, CancellationToken ct)
    {
        var doubtful = held.Where(h => !_underWay.Picture.Holds(h.Shard, h.Epoch)).Select(h => h.Shard).ToArray();
        if (doubtful.Length == 0)
        {
            return held;
        }

        var underWay = _underWay.Change(picture => picture.Without(h => doubtful.Contains(h.Shard)));
        await table.BeginAnew(session, doubtful, underWay, LongestAttempt, ct);
        return (await table.Read(session, ct)).Held;
    }

    private async Task<List<HeldShard>> Divide(ShardTable table, NpgsqlConnection session, List<HeldShard> held, int share, CancellationToken ct)
    {
        if (held.Count > share)
        {
            var surplus = held.Skip(share).Select(h => h.Shard).ToArray();
            var underWay = _underWay.Change(picture => picture.Without(h => surplus.Contains(h.Shard)));
            await table.LetGo(session, surplus, underWay, LongestAttempt, ct);
            await NodeSession.TellOthers(session, ct);
            log.LogInformation("Gave {Shards} shards to others, {Held} remain", surplus.Length, share);
            return held[..share];
        }

        return held.Count < share && await table.TakeFree(session, share - held.Count, ct) > 0 ? (await table.Read(session, ct)).Held : held;
    }

    /// <summary>Before any new work goes to shards that were taken: rows without a due time are the last owner's memory.</summary>
    private async Task Load(List<HeldShard> held, CancellationToken ct)
    {
        var picture = _underWay.Picture;
        var taken = held.Where(h => !picture.Holds(h.Shard, h.Epoch)).ToArray();
        if (taken.Length > 0)
        {
            var left = await queue.TakeOverShards(Array.ConvertAll(taken, t => t.Shard), Array.ConvertAll(taken, t => t.Epoch), ct);
            log.LogInformation("Took over {Shards} shards with {Deliveries} deliveries", taken.Length, left);
        }

        var now = new ShardPicture(held);
        _underWay.Change(_ => now);
        if (!now.Epochs.SequenceEqual(_told.Epochs))
        {
            _told = now;
            Changed?.Invoke(now);
        }

        if (taken.Length > 0)
        {
            due.WorkArrived();
        }
    }

    /// <summary>Begins nothing more and lets others take the shards at once. Requests under way are still recorded: nobody sends them again meanwhile.</summary>
    public async Task HandOver()
    {
        var underWay = _underWay.Change(static _ => ShardPicture.None);
        if (_table is { } table && options.Delivers)
        {
            // Asked, not remembered: the last round may have been broken off between giving and having given.
            var session = await _session.Renew(CancellationToken.None);
            var shards = (await table.Read(session, CancellationToken.None)).Held.ConvertAll(h => h.Shard).ToArray();
            var end = options.Drain + TimeSpan.FromSeconds(5);
            await NodeSession.EndShareOf(_session.Node, session, end);
            await table.LetGo(session, shards, underWay, end, CancellationToken.None);
            await NodeSession.TellOthers(session, CancellationToken.None);
        }
    }

    /// <summary>This node is no more.</summary>
    public Task Leave() => _session.Leave();

    public ValueTask DisposeAsync() => _session.DisposeAsync();
}
