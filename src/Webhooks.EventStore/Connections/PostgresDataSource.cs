using Npgsql;

namespace Webhooks.EventStore;

/// <summary>How the service connects.</summary>
public sealed record PostgresOptions
{
    /// <summary>Connections of this process at most, from 1.</summary>
    public int MaxPoolSize { get; init; } = 20;

    /// <summary>
    /// After so long the server ends a transaction that does nothing: an open writing transaction holds back
    /// every reader of the log. Whole milliseconds, above zero.
    /// </summary>
    public TimeSpan IdleInTransactionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Names the pool in the driver's metrics, which would name the server and the user otherwise.</summary>
    public const string Pool = "webhooks";

    /// <summary>Stands in <c>pg_stat_activity</c>.</summary>
    public string ApplicationName { get; init; } = "webhooks";
}

/// <summary>The one place that makes data sources. Whoever creates one disposes it, and with it its connections.</summary>
public static class PostgresDataSource
{
    /// <exception cref="ArgumentException">The connection string cannot be read; the message quotes no password.</exception>
    public static NpgsqlDataSource Create(string connectionString, PostgresOptions options)
    {
        if (options.MaxPoolSize < 1 || options.IdleInTransactionTimeout < TimeSpan.FromMilliseconds(1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options, "The pool needs a connection, and the time-out a millisecond, at least.");
        }

        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = PostgresOptions.Pool };
        var settings = builder.ConnectionStringBuilder;
        settings.MaxPoolSize = options.MaxPoolSize;
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, options.MaxPoolSize);
        settings.ApplicationName = options.ApplicationName;
        settings.Options = $"{settings.Options} -c idle_in_transaction_session_timeout={options.IdleInTransactionTimeout.TotalMilliseconds:0}".TrimStart();
        return builder.Build();
    }
}
