using Npgsql;

namespace Webhooks.EventStore;

/// <summary>Something that follows the log. What it writes is committed together with its checkpoint.</summary>
public interface ISubscription
{
    /// <summary>Names the checkpoint; for ever, unless its effects are made anew.</summary>
    string Name { get; }

    /// <param name="page">Facts in commit order; never empty.</param>
    Task Process(IReadOnlyList<StoredFact> page, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct);
}
