namespace Webhooks.EventStore;

/// <summary>What became of a session. Anything but <see cref="Saved"/> left nothing behind.</summary>
public abstract record SaveResult
{
    private SaveResult()
    {
    }

    /// <param name="Tx">The transaction; a reader whose position has passed it has seen the facts.</param>
    /// <param name="RecordedAt">The database's time that the facts carry.</param>
    public sealed record Saved(ulong Tx, DateTimeOffset RecordedAt) : SaveResult;

    /// <summary>Another append took one of the versions first. Fetch, decide and append again.</summary>
    public sealed record VersionConflict : SaveResult;

    /// <summary>A unique constraint of a read model or of an enlisted statement was violated.</summary>
    /// <param name="ConstraintName">As the schema names it.</param>
    public sealed record UniqueViolation(string ConstraintName) : SaveResult;
}
