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
    // Half a minute after a line went dead the server lets go of what was locked there, and this end of what it waits for.
    private const int KeepaliveIdle = 10;
    private const int KeepaliveInterval = 5;
    private static readonly string Keepalives =
        $"-c tcp_keepalives_idle={KeepaliveIdle} -c tcp_keepalives_interval={KeepaliveInterval} -c tcp_keepalives_count=3 -c tcp_user_timeout=30000";

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

        // Of two the later one holds: what the operator says about keepalives comes after ours.
        settings.Options = $"{Keepalives} {settings.Options} -c idle_in_transaction_session_timeout={options.IdleInTransactionTimeout.TotalMilliseconds:0}";
        if (IsRemote(settings.Host) && !settings.Keys.Any(k => k.StartsWith("Tcp Keepalive", StringComparison.OrdinalIgnoreCase)))
        {
            (settings.TcpKeepAliveTime, settings.TcpKeepAliveInterval) = (KeepaliveIdle, KeepaliveInterval);
        }

        return builder.Build();
    }

    /// <summary>A socket of this machine knows no keepalives, and the driver would fail over them.</summary>
    private static bool IsRemote(string? hosts) => hosts is { Length: > 0 } && !hosts.Split(',').Any(h => h.TrimStart() is ['/' or '@', ..]);
}
