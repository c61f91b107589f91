using System.Net.Sockets;
using Npgsql;

namespace Webhooks.EventStore;

/// <summary>The database cannot be reached, or does not take this work just now: it is full, or may only read. Nothing was changed by the failed operation; it may be tried again.</summary>
public sealed class DatabaseUnavailableException(Exception inner) : Exception("The database is not available.", inner);

/// <summary>The one place that tells the kinds of database failures apart: by SQLSTATE and exception type, never by text.</summary>
public static class DatabaseFailures
{
    private const string ConnectionExceptionClass = "08";

    /// <summary>It has too little disk, memory or connections: for anybody's values, so nobody's are at fault.</summary>
    private const string InsufficientResourcesClass = "53";

    /// <summary>This node stood still in the middle of a transaction, and the server ended the session.</summary>
    private const string IdleInTransaction = "25P03";

    /// <summary>As above, between two transactions: some operators limit that, too.</summary>
    private const string IdleSession = "57P05";

    public static bool IsUnavailable(Exception exception) => exception switch
    {
        DatabaseUnavailableException => true,
        PostgresException e => IsUnavailable(e.SqlState),
        NpgsqlException e => e.InnerException is SocketException or IOException or TimeoutException,
        _ => false,
    };

    /// <summary>What a loop logs beside its sentence: nothing while the database is merely away, the whole exception when it is anything else.</summary>
    public static Exception? Trace(Exception exception) => IsUnavailable(exception) ? null : exception;

    /// <summary>Runs a database operation; a failure to reach the database becomes a <see cref="DatabaseUnavailableException"/>.</summary>
    public static async Task<T> Typed<T>(Func<Task<T>> operation)
    {
        try
        {
            return await operation();
        }
        catch (NpgsqlException e) when (IsUnavailable(e))
        {
            throw new DatabaseUnavailableException(e);
        }
    }

    /// <summary>For requests that someone waits for: a database that does not answer in time is one that is away. The operation itself goes on.</summary>
    public static async Task<T> Within<T>(TimeSpan limit, TimeProvider time, Task<T> operation)
    {
        try
        {
            return await operation.WaitAsync(limit, time);
        }
        catch (TimeoutException e)
        {
            throw new DatabaseUnavailableException(e);
        }
    }

    private static bool IsUnavailable(string sqlState) =>
        sqlState.StartsWith(ConnectionExceptionClass, StringComparison.Ordinal)
        || sqlState.StartsWith(InsufficientResourcesClass, StringComparison.Ordinal)
        || sqlState is PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
            or IdleInTransaction
            or IdleSession
            or PostgresErrorCodes.IoError
            or PostgresErrorCodes.ReadOnlySqlTransaction;
}
