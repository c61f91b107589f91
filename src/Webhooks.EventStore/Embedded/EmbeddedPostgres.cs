using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webhooks.EventStore.Embedded;

/// <summary>
/// A private PostgreSQL that starts and stops with the service. The server is a daemon of its own session: a Ctrl-C in the terminal
/// reaches the service alone, which drains first. When the service is killed the server stays, and the next start goes on with it.
/// </summary>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private const string Database = "webhooks";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly EmbeddedPostgresOptions _options;
    private readonly ClusterHome _home;
    private readonly PostgresBinaries _binaries;
    private readonly FileStream _lock;
    private readonly ILogger _logger;
    private bool _stopped;

    private EmbeddedPostgres(EmbeddedPostgresOptions options, ClusterHome home, PostgresBinaries binaries, FileStream @lock, ILogger logger) =>
        (_options, _home, _binaries, _lock, _logger) = (options, home, binaries, @lock, logger);

    /// <summary>For Npgsql, over a Unix socket; the database <c>webhooks</c> exists.</summary>
    public string ConnectionString => _home.ConnectionString(Database);

    /// <summary>Where the cluster and its log <c>postgres.log</c> lie.</summary>
    public string Folder => _home.Folder;

    /// <summary>Starts the cluster of the data directory, making it (and fetching PostgreSQL) when there is none yet; returns when it answers.</summary>
    /// <exception cref="EmbeddedPostgresException">It cannot be started; the message says what to do.</exception>
    public static async Task<EmbeddedPostgres> Start(EmbeddedPostgresOptions options, ILogger logger, CancellationToken ct)
    {
        var home = await ClusterHome.Open(options.DataDirectory, ct);
        var held = home.Lock(options.DataDirectory);
        try
        {
            var postgres = new EmbeddedPostgres(options, home, await FindOrFetch(options, home, logger, ct), held, logger);
            await postgres.Start(ct);
            return postgres;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    private static async Task<PostgresBinaries> FindOrFetch(EmbeddedPostgresOptions options, ClusterHome home, ILogger logger, CancellationToken ct)
    {
        var cache = options.CacheDirectory ?? PostgresDownload.DefaultCache;
        if (await PostgresBinaries.Find(options.BinDirectory, cache, home.Version, home.Account, ct) is { } found)
        {
            return found;
        }

        await new PostgresDownload(cache, logger).Fetch(ct);
        return await PostgresBinaries.Find(null, cache, home.Version, home.Account, ct)
            ?? throw new EmbeddedPostgresException($"PostgreSQL was fetched, but '{home.Account.Name ?? Environment.UserName}' cannot run it: install PostgreSQL {PostgresBinaries.OldestMajor} or newer.");
    }

    private async Task Start(CancellationToken ct)
    {
        if (!_home.Exists)
        {
            await Initialise(ct);
        }

        var configuration = ClusterSettings.Write(_options, _home.SocketDirectory);
        if (Postmaster.Of(_home) is { } left && !await Adopt(left, configuration, ct))
        {
            await StopServer(ct);
        }

        if (Postmaster.Of(_home) is null)
        {
            await File.WriteAllTextAsync(_home.Configuration, configuration, ct);
            File.SetUnixFileMode(_home.Configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            // Children of a server that was killed may hold its memory for a moment longer; PostgreSQL refuses until the last is gone.
            await Launch(attempts: Postmaster.ForgetDead(_home) ? 20 : 1, ct);
        }

        await EnsureDatabase(ct);
    }

    /// <summary>Made aside and moved into place, so that an interrupted start leaves no half cluster behind.</summary>
    private async Task Initialise(CancellationToken ct)
    {
        var unfinished = Path.Combine(_home.Folder, "cluster.unfinished");
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        string[] sync = _options.Durable ? [] : ["--no-sync"];
        var made = await Run("initdb", ["-D", unfinished, "-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-instructions", .. sync], ct);
        if (made.ExitCode != 0)
        {
            throw new EmbeddedPostgresException($"The database could not be made in {_home.Folder}: initdb says '{made.LastLine}'.");
        }

        Directory.Move(unfinished, _home.Cluster);
    }

    /// <summary>Goes on with the server that a killed service left behind, unless its settings are not today's or it is going down.</summary>
    private async Task<bool> Adopt(int pid, string configuration, CancellationToken ct)
    {
        if (await File.ReadAllTextAsync(_home.Configuration, ct) != configuration)
        {
            return false;
        }

        LogAdopting(pid, _home.Folder);
        var deadline = Stopwatch.StartNew();
        while (Postmaster.Of(_home) is not null && deadline.Elapsed < _options.StartTimeout)
        {
            if (await Answers(ct))
            {
                return true;
            }

            await Task.Delay(Pause, ct);
        }

        return false;
    }

    private async Task<bool> Answers(CancellationToken ct)
    {
        try
        {
            await using var connection = new NpgsqlConnection(_home.ConnectionString("postgres") + ";Pooling=false");
            await connection.OpenAsync(ct);
            return true;
        }
        catch (NpgsqlException)
        {
            // Starting, recovering or going down: the caller asks again.
            return false;
        }
    }

    private async Task Launch(int attempts, CancellationToken ct)
    {
        var seconds = ((int)_options.StartTimeout.TotalSeconds).ToString();
        for (var attempt = 1; ; attempt++)
        {
            var started = await Run("pg_ctl", ["start", "-D", _home.Cluster, "-l", _home.Log, "-w", "-t", seconds, "-s"], ct);
            if (started.ExitCode == 0)
            {
                return;
            }

            if (attempt == attempts)
            {
                throw new EmbeddedPostgresException($"PostgreSQL did not start: '{LastFatal() ?? started.LastLine}'; its log is {_home.Log}.");
            }

            await Task.Delay(Pause * attempt, ct);
        }
    }

    private string? LastFatal() => File.Exists(_home.Log)
        ? File.ReadLines(_home.Log).LastOrDefault(line => line.Contains("FATAL:", StringComparison.Ordinal) || line.Contains("PANIC:", StringComparison.Ordinal))?.Split(":  ")[^1]
        : null;

    private async Task EnsureDatabase(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(_home.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var exists = new NpgsqlCommand("select true from pg_database where datname = $1", connection) { Parameters = { new() { Value = Database } } };
        if (await exists.ExecuteScalarAsync(ct) is null)
        {
            await using var create = new NpgsqlCommand($"create database {Database}", connection);
            await create.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Stops the server, open connections cut off, and lets go of the data directory. Doing it twice is doing it once.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        if (_stopped)
        {
            return;
        }

        await StopServer(ct);
        await _lock.DisposeAsync();
        _stopped = true;
    }

    private async Task StopServer(CancellationToken ct)
    {
        var seconds = ((int)_options.StopTimeout.TotalSeconds).ToString();
        var stopped = await Run("pg_ctl", ["stop", "-D", _home.Cluster, "-m", "fast", "-w", "-t", seconds, "-s"], ct);
        if (stopped.ExitCode != 0 && Postmaster.Of(_home) is not null)
        {
            LogStoppingNow(stopped.LastLine);
            await Run("pg_ctl", ["stop", "-D", _home.Cluster, "-m", "immediate", "-w", "-t", seconds, "-s"], ct);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    /// <summary>With an environment of its own: PG* variables would steer it, and secrets of ours do not belong into its processes.</summary>
    private Task<ChildProcess.Result> Run(string program, IEnumerable<string> arguments, CancellationToken ct) => ChildProcess.Run(
        _home.Account.Name,
        _binaries.Program(program),
        arguments,
        ct,
        new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin", ["LC_ALL"] = "C" });

    [LoggerMessage(Level = LogLevel.Information, Message = "Going on with the PostgreSQL (process {Pid}) that an earlier run left in {Folder}.")]
    private partial void LogAdopting(int pid, string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL did not stop in time ({Reason}); stopping it at once, the next start recovers from its log.")]
    private partial void LogStoppingNow(string reason);
}
