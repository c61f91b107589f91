using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webhooks.EventStore.Embedded;

/// <summary>
/// A private PostgreSQL that starts and stops with the service, for installations that bring none of their own. When the service is killed
/// the server lives on, and the next start goes on with it.
/// </summary>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private const string Database = "webhooks";

    /// <summary>How soon its end is noticed; a look reads two small files.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly ClusterHome _home;
    private readonly Server _server;
    private readonly FileStream _lock;
    private bool _stopped;

    private EmbeddedPostgres(ClusterHome home, Server server, FileStream held) => (_home, _server, _lock) = (home, server, held);

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
            var binaries = await FindOrFetch(options, home, logger, ct);
            if (!home.Exists)
            {
                await Make(home, binaries, options.Durable, ct);
            }

            var server = new Server(options, home, binaries, logger);
            await Run(server, home, ct);
            return new EmbeddedPostgres(home, server, held);
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

    /// <summary>Made aside and moved into place, so that an interrupted start leaves no half cluster behind.</summary>
    private static async Task Make(ClusterHome home, PostgresBinaries binaries, bool durable, CancellationToken ct)
    {
        foreach (var left in Directory.EnumerateDirectories(home.Folder, "cluster.unfinished*"))
        {
            Directory.Delete(left, recursive: true);
        }

        // A name of its own each time: an initdb whose service was killed may still be at work on the last one.
        var unfinished = Path.Combine(home.Folder, $"cluster.unfinished-{Environment.ProcessId}");
        string[] sync = durable ? [] : ["--no-sync"];
        var made = await binaries.Run("initdb", ["-D", unfinished, "-U", "postgres", "-A", "trust", "--locale=C", "-E", "UTF8", "--no-instructions", .. sync], home.Account, ct);
        if (made.ExitCode != 0)
        {
            throw new EmbeddedPostgresException($"The database could not be made in {home.Folder}: initdb says '{made.LastLine}'.");
        }

        Directory.Move(unfinished, home.Cluster);
    }

    /// <summary>A start that failed or was cancelled leaves no server behind.</summary>
    private static async Task Run(Server server, ClusterHome home, CancellationToken ct)
    {
        try
        {
            await server.EnsureRunning(ct);
            await EnsureDatabase(home, ct);
        }
        catch
        {
            await server.Stop(CancellationToken.None);
            throw;
        }
    }

    private static async Task EnsureDatabase(ClusterHome home, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(home.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var exists = new NpgsqlCommand("select true from pg_database where datname = $1", connection) { Parameters = { new() { Value = Database } } };
        if (await exists.ExecuteScalarAsync(ct) is null)
        {
            await using var create = new NpgsqlCommand($"create database {Database}", connection);
            await create.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Until cancelled: a server that has ended is started again, and one that does not start is tried again, ever more seldom.</summary>
    public async Task Supervise(TimeProvider time, ILogger logger, CancellationToken ct)
    {
        for (var failures = 0; !ct.IsCancellationRequested;)
        {
            try
            {
                if (_server.HasEnded)
                {
                    if (failures == 0)
                    {
                        LogEnded(logger, _home.Folder);
                    }

                    await _server.EnsureRunning(ct);
                }

                failures = 0;
                await Backoff.Wait(Look, time, ct);
            }
            catch (Exception e) when (e is EmbeddedPostgresException or IOException)
            {
                var pause = Backoff.After(failures++);
                LogNotStarted(logger, e.Message, pause);
                await Backoff.Wait(pause, time, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // The service stops, and the server with it.
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The embedded PostgreSQL has ended; starting it again. Its log is in {Folder}.")]
    private static partial void LogEnded(ILogger logger, string folder);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason} Trying again in {Pause}.")]
    private static partial void LogNotStarted(ILogger logger, string reason, TimeSpan pause);

    /// <summary>Stops the server, open connections cut off, and lets go of the data directory. Doing it twice is doing it once.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        if (_stopped)
        {
            return;
        }

        await _server.Stop(ct);
        if (_home.SocketDirectory != _home.Folder && Directory.Exists(_home.SocketDirectory))
        {
            Directory.Delete(_home.SocketDirectory, recursive: true);
        }

        await _lock.DisposeAsync();
        _stopped = true;
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);
}
