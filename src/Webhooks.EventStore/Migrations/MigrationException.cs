namespace Webhooks.EventStore;

/// <summary>The database's schema and this version of the service do not fit. The message is one sentence for the operator.</summary>
public sealed class MigrationException(string message) : Exception(message);
