namespace Webhooks.Api.Hosting;

/// <summary>The service can't start, for a reason that the operator can mend. The message is what stands on stderr: one sentence per fault.</summary>
public sealed class StartupException(string message, Exception? cause = null) : Exception(message, cause);
