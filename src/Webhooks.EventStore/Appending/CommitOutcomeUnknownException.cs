namespace Webhooks.EventStore;

/// <summary>The connection was lost while committing, and the database could not be asked in time what became of it.</summary>
public sealed class CommitOutcomeUnknownException(Exception inner)
    : Exception("The connection to the database was lost while committing; whether the facts were saved is not known.", inner);
