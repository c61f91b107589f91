using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Webhooks.Delivery.Tests;

/// <summary>What one part of the nodes writes into the log.</summary>
/// <param name="part">The name of the class that writes.</param>
internal sealed class LogLines(string part) : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Written { get; } = new();

    public ILogger CreateLogger(string categoryName) => categoryName.EndsWith($".{part}", StringComparison.Ordinal) ? this : NullLogger.Instance;
    public bool IsEnabled(LogLevel logLevel) => true;
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written.Enqueue(exception is null ? formatter(state, null) : $"{formatter(state, exception)}: {exception}");
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // Holds nothing.
    }
}
