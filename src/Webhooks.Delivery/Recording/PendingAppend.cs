using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;

namespace Webhooks.Delivery.Recording;

/// <summary>One member of a group commit: facts, and the rows that live and die with them. All of it is written, or none.</summary>
public sealed class PendingAppend
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Withdrawn = 2;

    private readonly TaskCompletionSource<AppendOutcome> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<PendingAppend>? _twins;
    private int _stage;

    public required IReadOnlyList<NewFact> Facts { get; set; }
    public PayloadRow? Payload { get; init; }
    public IReadOnlyList<QueueRow> Enqueue { get; set; } = [];

    /// <summary>Webhooks of <see cref="Enqueue"/> whose deliveries get numbers when it is written, into the facts and the rows.</summary>
    public IReadOnlyList<WebhookId> Numbered { get; init; } = [];
    public DeliveryId? Dequeue { get; init; }
    public QueueRow? Reschedule { get; init; }
    public BlockedKey? Block { get; init; }
    public ResponseRow? Response { get; init; }
    public FailureRow? Failure { get; init; }
    public IdempotencyRow? Idempotency { get; init; }
    public RoutingCheck? Routing { get; init; }

    /// <summary>Accepts are refused when the database is away; outcomes of requests already sent are kept until it is back.</summary>
    public required bool IsAccept { get; init; }

    /// <summary>Runs on the writer, right after the commit and before anyone is told: hands deliveries over to memory.</summary>
    public Action? OnCommitted { get; init; }

    /// <summary>Runs when it was not committed, whatever the reason, or was given up.</summary>
    public Action? OnRefused { get; init; }

    /// <summary>Runs, before <see cref="OnRefused"/>, when it was given up without knowing whether it was committed.</summary>
    public Action? OnUnknown { get; init; }

    public Task<AppendOutcome> Completion => _completion.Task;

    /// <summary>What it keeps in memory, for the most part.</summary>
    public int Bytes => Payload?.Body.Length ?? 0;

    /// <summary>Takes it back while it waits for the writer; it will not be written.</summary>
    /// <returns>False: it is being written, or was.</returns>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _stage, Withdrawn, Waiting) == Waiting;

    /// <summary>False: it was withdrawn.</summary>
    internal bool TryTake() => Interlocked.CompareExchange(ref _stage, Taken, Waiting) == Waiting;

    internal Action<PendingAppend>? OnDone { get; set; }

    /// <summary>Its commit was asked for and nobody said how that ended: it may have been made, or be made yet. Finding it, or another in its place, settles it.</summary>
    internal bool MayBeCommitted { get; set; }

    /// <summary>Of a request with the same idempotency key, come while this one waited: it is not written, and is answered by what becomes of this one.</summary>
    internal void AnswersToo(PendingAppend twin) => (_twins ??= []).Add(twin);

    internal void Complete(AppendOutcome outcome)
    {
        if (MayBeCommitted && outcome is AppendOutcome.Unavailable or AppendOutcome.RoutingMoved or AppendOutcome.ShardsMoved)
        {
            // Whoever was told that it is not written would write it a second time.
            outcome = AppendOutcome.Unknown.Instance;
        }

        if (outcome is AppendOutcome.Committed)
        {
            OnCommitted?.Invoke();
        }
        else
        {
            TellRefused(isUnknown: outcome is AppendOutcome.Unknown);
        }

        OnDone?.Invoke(this);
        _completion.TrySetResult(outcome);
        AnswerTwins(outcome);
    }

    internal void Fail(Exception exception)
    {
        TellRefused(MayBeCommitted);
        OnDone?.Invoke(this);
        _completion.TrySetException(exception);
        AnswerTwins(AppendOutcome.Unavailable.Instance);
    }

    private void AnswerTwins(AppendOutcome outcome) => _twins?.ForEach(twin => twin.Complete(outcome switch
    {
        AppendOutcome.Committed => new AppendOutcome.DuplicateKey(Idempotency!.Message, Idempotency.Fingerprint) { Emitted = Facts[0].Fact as EventEmitted },
        AppendOutcome.DuplicateKey or AppendOutcome.RoutingMoved or AppendOutcome.ShardsMoved => outcome,

        // Of the twin nothing was written, whatever became of this one; a repeat finds out.
        _ => AppendOutcome.Unavailable.Instance,
    }));

    private void TellRefused(bool isUnknown)
    {
        if (isUnknown)
        {
            OnUnknown?.Invoke();
        }

        OnRefused?.Invoke();
    }
}

/// <summary>A delivery that used up its attempts, to be told of.</summary>
/// <param name="Version">Of the delivery's stream, at the fact that says so.</param>
public sealed record FailureRow(DeliveryId Delivery, int Version, WebhookId Webhook, CompanyId Company, MessageId Message);

public sealed record PayloadRow(MessageId Message, CompanyId Company, string Type, DateTimeOffset EmittedAt, byte[] Body);

/// <param name="Version">Of the delivery's stream.</param>
/// <param name="DueAt">Null: in the owner's memory. MaxValue: parked.</param>
public sealed record QueueRow(DeliveryId Delivery, short Shard, WebhookId Webhook, MessageId Message, int Version, int Attempts, int Failures, DateTimeOffset? DueAt)
{
    /// <summary>Of the shard, where the row goes to memory: nothing is written when the shard has changed hands since.</summary>
    public long Epoch { get; init; }

    /// <summary>Of a row that is rescheduled; a new one has none yet.</summary>
    public Series Series { get; init; }

    public long? Sequence { get; init; }

    /// <summary>Null: not ordered. Empty: ordered, of an event without a key.</summary>
    public string? OrderingKey { get; init; }
    public DateTimeOffset? DeliverAt { get; init; }

    /// <summary>As most are.</summary>
    public bool IsPlain => (Sequence, OrderingKey, DeliverAt) is (null, null, null);
}

/// <summary>An exhausted delivery that holds back its key.</summary>
public sealed record BlockedKey(WebhookId Webhook, string OrderingKey, DeliveryId Delivery);

public sealed record ResponseRow(DeliveryId Delivery, int Attempt, byte[] Body);

public sealed record IdempotencyRow(CompanyId Company, string Key, MessageId Message, string Fingerprint);

/// <summary>The routing version that the matching was made with; where it has moved, nothing is written.</summary>
public readonly record struct RoutingCheck(CompanyId Company, long Version);

public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    public sealed record Committed : AppendOutcome
    {
        public static readonly Committed Instance = new();
    }

    /// <summary>Someone else has appended this version of a stream.</summary>
    public sealed record VersionConflict : AppendOutcome
    {
        public static readonly VersionConflict Instance = new();
    }

    /// <summary>The company's webhooks have changed since the matching.</summary>
    public sealed record RoutingMoved : AppendOutcome
    {
        public static readonly RoutingMoved Instance = new();
    }

    /// <summary>Deliveries were meant for the memory of this node, and their shards have changed hands.</summary>
    /// <param name="Epochs">The present ones.</param>
    public sealed record ShardsMoved(IReadOnlyDictionary<short, long> Epochs) : AppendOutcome;

    /// <summary>The idempotency key stands for this message already.</summary>
    public sealed record DuplicateKey(MessageId Message, string Fingerprint) : AppendOutcome
    {
        /// <summary>Where it was written a moment ago, what the log says of it; null: to be read there.</summary>
        public EventEmitted? Emitted { get; init; }
    }

    /// <summary>It was given up when its commit had been asked for: it may be committed, or be committed yet.</summary>
    public sealed record Unknown : AppendOutcome
    {
        public static readonly Unknown Instance = new();
    }

    /// <summary>The database does not answer, or can't write. Nothing was written, and nothing will be.</summary>
    public sealed record Unavailable : AppendOutcome
    {
        public static readonly Unavailable Instance = new();
    }
}
