using System.Text;

namespace Webhooks.EventStore.Embedded;

/// <summary>
/// The whole <c>postgresql.conf</c> of the private cluster. It is written anew before each start, so that a new version brings its settings;
/// an operator's own go into <c>alter system</c>, which is stronger and stays.
/// </summary>
public static class ClusterSettings
{
    public static string Write(EmbeddedPostgresOptions options, string socketDirectory)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // Only this service talks to it, through a folder that nobody else may enter.
            ["listen_addresses"] = "''",
            ["unix_socket_directories"] = $"'{socketDirectory.Replace("'", "''", StringComparison.Ordinal)}'",
            ["unix_socket_permissions"] = "0700",
            ["port"] = ClusterHome.Port.ToString(),
            ["max_connections"] = "100",

            // A commit that was answered survives a power cut.
            ["fsync"] = OnOff(options.Durable),
            ["synchronous_commit"] = OnOff(options.Durable),
            ["full_page_writes"] = OnOff(options.Durable),

            // The load is small commits in a row: few checkpoints, little WAL, no standby.
            ["wal_level"] = "minimal",
            ["max_wal_senders"] = "0",
            ["wal_compression"] = "on",
            ["max_wal_size"] = "4GB",
            ["checkpoint_timeout"] = "15min",
            ["checkpoint_completion_target"] = "0.9",
            ["shared_buffers"] = "256MB",

            // Statements are short and known; compiling them costs more than running them.
            ["jit"] = "off",
            ["work_mem"] = "8MB",
            ["maintenance_work_mem"] = "128MB",
            ["random_page_cost"] = "1.1",

            // Queue rows live for milliseconds: vacuum small and often, on a table that is never large.
            ["autovacuum_naptime"] = "15s",
            ["autovacuum_max_workers"] = "2",
            ["autovacuum_vacuum_cost_limit"] = "1000",

            // A writing transaction left open holds every reader of the log back.
            ["idle_in_transaction_session_timeout"] = "30s",

            ["timezone"] = "'UTC'",
            ["log_timezone"] = "'UTC'",
            ["lc_messages"] = "'C'",
            ["log_line_prefix"] = "'%m [%p] '",
            // Statements may carry payloads and sealed secrets: none of them into the log, not even a failing one.
            ["log_min_error_statement"] = "panic",
            ["log_parameter_max_length_on_error"] = "0",
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        var text = new StringBuilder("# Written by the service before each start. Your own settings: alter system set ...\n");
        foreach (var (name, value) in settings)
        {
            text.Append(name).Append(" = ").Append(value).Append('\n');
        }

        return text.ToString();
    }

    private static string OnOff(bool on) => on ? "on" : "off";
}
