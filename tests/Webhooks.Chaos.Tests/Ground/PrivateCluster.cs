using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.EventStore.Embedded;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests.Ground;

/// <summary>A data directory with a PostgreSQL of its own, durable as in production: the service's embedded one, or one that the test starts and crashes.</summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    private EmbeddedPostgres? _mine;
    private NpgsqlDataSource? _database;

    public string DataDirectory { get; } = TemporaryFolder.Create();

    /// <summary>To be asked once the cluster exists; outlives its restarts.</summary>
    public async Task<NpgsqlDataSource> Database() =>
        _database ??= NpgsqlDataSource.Create((await Home()).ConnectionString("webhooks") + ";Maximum Pool Size=5");

    /// <summary>Starts it as the test's own.</summary>
    /// <returns>The connection string, the same at every start.</returns>
    public async Task<string> Start()
    {
        if (_mine is not null)
        {
            await _mine.StopAsync(CancellationToken.None);
        }

        _mine = await EmbeddedPostgres.Start(new EmbeddedPostgresOptions { DataDirectory = DataDirectory }, NullLogger.Instance, CancellationToken.None);
        return _mine.ConnectionString;
    }

    /// <summary>What <c>pg_ctl stop -m immediate</c> does: no checkpoint, every session cut off. Returns when the server is gone.</summary>
    public async Task Crash()
    {
        var home = await Home();
        var pid = int.Parse((await File.ReadAllLinesAsync(Path.Combine(home.Cluster, "postmaster.pid")))[0], CultureInfo.InvariantCulture);
        using var quit = Process.Start("/bin/sh", ["-c", $"kill -QUIT {pid}"]);
        await quit.WaitForExitAsync();
        await Eventually.Is(() => !Directory.Exists($"/proc/{pid}"), "PostgreSQL is gone");
    }

    /// <summary>Also where the service that used it was killed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        if ((await Home()).Exists)
        {
            await Start();
            await _mine!.DisposeAsync();
        }

        if (!TemporaryFolder.IsSwept)
        {
            Directory.Delete(DataDirectory, recursive: true);
        }
    }

    private Task<ClusterHome> Home() => ClusterHome.Open(DataDirectory, CancellationToken.None);
}
