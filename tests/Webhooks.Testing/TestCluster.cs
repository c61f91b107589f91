using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.EventStore.Embedded;

namespace Webhooks.Testing;

/// <summary>
/// The PostgreSQL of this test process: the one that <c>WEBHOOKS_TEST_CLUSTER</c> (a connection string) names, else a private one in a
/// temporary folder, started at first use and removed at exit (by <c>./test</c>, when that runs it). Without PostgreSQL the tests fail, they are never skipped.
/// </summary>
public static class TestCluster
{
    private const string Given = "WEBHOOKS_TEST_CLUSTER";

    [SuppressMessage("Usage", "VSTHRD011", Justification = "No synchronization context in a test process; the task runs on the pool.")]
    private static readonly Lazy<Task<string>> Started = new(() => Task.Run(Start));

    /// <summary>To the maintenance database, as a superuser, unpooled.</summary>
    public static Task<string> ConnectionString() => Started.Value;

    private static async Task<string> Start()
    {
        if (Environment.GetEnvironmentVariable(Given) is { Length: > 0 } given)
        {
            return new NpgsqlConnectionStringBuilder(given) { Pooling = false }.ConnectionString;
        }

        var folder = TemporaryFolder.Create();
        var postgres = await EmbeddedPostgres.Start(
            new EmbeddedPostgresOptions
            {
                DataDirectory = folder,
                Durable = false,
                Settings = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["max_connections"] = "300",
                    ["shared_buffers"] = "128MB",
                    ["max_wal_size"] = "512MB",
                },
            },
            NullLogger.Instance,
            CancellationToken.None);
        if (!TemporaryFolder.IsSwept)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(postgres, folder);
        }

        return new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString;
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "The process ends when this handler returns, so it has to wait.")]
    private static void Remove(EmbeddedPostgres postgres, string folder)
    {
        postgres.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        Directory.Delete(folder, recursive: true);
    }
}
