namespace Webhooks.Demo;

/// <summary>The demo can't go on, or did not see what it came to show. The message is one sentence for the person at the terminal.</summary>
internal sealed class DemoException(string message, Exception? inner = null) : Exception(message, inner);
