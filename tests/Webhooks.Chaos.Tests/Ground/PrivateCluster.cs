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
        var pid = await Postmaster();
        await Signal("QUIT", [pid]);
        await Eventually.Is(() => !Directory.Exists($"/proc/{pid}"), "PostgreSQL is gone");
    }

    /// <summary>SIGSTOP to every process of it: connections stand, and nothing answers.</summary>
    public Task Hang() => SignalAll("STOP");

    public Task GoOn() => SignalAll("CONT");

    /// <summary>kill -9 of the postmaster alone; its children end when they notice.</summary>
    public async Task KillPostmaster()
    {
        var pid = await Postmaster();
        await Signal("KILL", [pid]);
        await Eventually.Is(() => !Directory.Exists($"/proc/{pid}"), "the postmaster is gone");
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

    private async Task SignalAll(string signal)
    {
        var postmaster = await Postmaster();
        await Signal(signal, [postmaster]);

        // It stands still first, so that it has no more children afterwards. The fourth field is the parent, behind a name in brackets.
        var children = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Where(pid => ParentOf(pid!) == postmaster);
        await Signal(signal, [.. children.Select(int.Parse!)]);
    }

    private static int ParentOf(string pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return 0;
        }
    }

    private async Task<int> Postmaster() =>
        int.Parse((await File.ReadAllLinesAsync(Path.Combine((await Home()).Cluster, "postmaster.pid")))[0], CultureInfo.InvariantCulture);

    private static async Task Signal(string signal, int[] pids)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {string.Join(' ', pids)}"]);
        await kill.WaitForExitAsync();
    }

    private Task<ClusterHome> Home() => ClusterHome.Open(DataDirectory, CancellationToken.None);
}
