using Npgsql;

namespace Webhooks.EventStore;

/// <summary>
/// A read model that never lags: its statements run in the transaction of the append. A pure function from fact to statements.
/// <para>
/// The fact has no position yet (<see cref="LogPosition.Start"/>). Its <see cref="StoredFact.RecordedAt"/> is the database's
/// <c>now()</c> of that transaction, which the session reads before it appends, and which is also the default of
/// <c>es.events.recorded_at</c>: a rebuild from the log sees the same time.
/// </para>
/// </summary>
public interface IInlineProjection
{
    /// <param name="earlier">The facts of its stream before it, for a read model that holds the folded state.</param>
    void Apply(StoredFact fact, IReadOnlyList<StoredFact> earlier, NpgsqlBatch batch);
}
