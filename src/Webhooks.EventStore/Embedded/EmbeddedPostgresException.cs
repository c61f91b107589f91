namespace Webhooks.EventStore.Embedded;

/// <summary>The private cluster cannot be started. The message is one sentence for the operator, mend included; a stack trace adds nothing to it.</summary>
public sealed class EmbeddedPostgresException(string message, Exception? cause = null) : Exception(message, cause);
