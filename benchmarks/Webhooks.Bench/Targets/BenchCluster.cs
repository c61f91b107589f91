using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Bench.Measuring;
using Webhooks.EventStore;
using Webhooks.EventStore.Embedded;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Bench.Targets;

/// <summary>The private PostgreSQL of one run, durable as the service's own is, and the questions that the bench has for it.</summary>
internal sealed class BenchCluster : IAsyncDisposable
{
    private const string OutcomesPending = "select exists (select from delivery.queue)";
    private const string AuditBehind = """
        select not exists (select from es.checkpoints where name = $1) or exists (
            select from es.events e, es.checkpoints c where c.name = $1 and (e.tx, e.seq) > (c.tx, c.seq))
        """;
    private const string Waiting = "select count(*) from delivery.queue";
    private const string Succeeded = "select count(*) from read.deliveries where status = 1";

    private readonly EmbeddedPostgres _postgres;

    private BenchCluster(string folder, EmbeddedPostgres postgres)
    {
        (Folder, _postgres) = (folder, postgres);
        DataSource = PostgresDataSource.Create(postgres.ConnectionString, new PostgresOptions { MaxPoolSize = 20, ApplicationName = "bench" });
        ProcessId = int.Parse(File.ReadLines(Path.Combine(postgres.Folder, "cluster", "postmaster.pid")).First());
    }

    /// <summary>Of this run; removed with the cluster.</summary>
    public string Folder { get; }

    public string ConnectionString => _postgres.ConnectionString;
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Of the postmaster; its children do the work.</summary>
    public int ProcessId { get; }

    public double CpuSeconds => ProcessTree.CpuSecondsWithChildren(ProcessId);

    public static async Task<BenchCluster> Start(CancellationToken ct)
    {
        // Others may pass through: under root PostgreSQL runs as another account.
        var folder = Directory.CreateTempSubdirectory("webhooks-bench-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        try
        {
            return new BenchCluster(folder, await EmbeddedPostgres.Start(new EmbeddedPostgresOptions { DataDirectory = folder }, NullLogger.Instance, ct));
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Bytes of WAL written so far.</summary>
    public Task<long> WalBytes() => Scalar<long>("select (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint");

    /// <summary>Whether every outcome is in the log and the audit read model has seen all of it.</summary>
    public async Task<bool> IsSettled() => !await Scalar<bool>(OutcomesPending) && !await Scalar<bool>(AuditBehind, DeliveriesProjection.ProjectionName);

    /// <summary>Deliveries that are not over.</summary>
    public Task<long> CountWaiting() => Scalar<long>(Waiting);

    /// <summary>Whether the audit read model has seen the whole log.</summary>
    public async Task<bool> AuditIsCurrent() => !await Scalar<bool>(AuditBehind, DeliveriesProjection.ProjectionName);

    /// <summary>Deliveries that the audit read model shows as succeeded.</summary>
    public Task<long> CountSucceeded() => Scalar<long>(Succeeded);

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<T> Scalar<T>(string sql, params object[] parameters)
    {
        await using var command = DataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }
}
