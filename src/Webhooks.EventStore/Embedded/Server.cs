using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Webhooks.EventStore.Embedded;

/// <summary>
/// The server process of the cluster: started, taken over, stopped. pg_ctl makes it a daemon in a session of its own, so that a Ctrl-C in
/// the terminal reaches the service alone, which drains before it stops the server.
/// </summary>
internal sealed partial class Server(EmbeddedPostgresOptions options, ClusterHome home, PostgresBinaries binaries, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Goes on with the server that a killed service left behind when its settings are today's, else starts one.</summary>
    /// <exception cref="EmbeddedPostgresException">It does not start.</exception>
    public async Task EnsureRunning(CancellationToken ct)
    {
        var configuration = ClusterSettings.Write(options, home.SocketDirectory);
        if (PidFile.LivingServer(home) is { } left)
        {
            if (await File.ReadAllTextAsync(home.Configuration, ct) == configuration && await Answers(ct))
            {
                LogTakenOver(left, home.Folder);
                return;
            }

            await Stop(ct);
        }

        await File.WriteAllTextAsync(home.Configuration, configuration, ct);
        File.SetUnixFileMode(home.Configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        // Children of a server that was killed may hold its memory for a moment longer; PostgreSQL refuses until the last is gone.
        await Launch(attempts: PidFile.ForgetDead(home) ? 20 : 1, ct);
    }

    /// <summary>Nobody serves the cluster.</summary>
    public bool HasEnded => PidFile.LivingServer(home) is null;

    private async Task Launch(int attempts, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var started = await binaries.Run("pg_ctl", ["start", "-D", home.Cluster, "-l", home.Log, "-w", "-t", Seconds(options.StartTimeout), "-s"], home.Account, ct);
            // Or one is there after all: a service killed in this very moment had just begun to start it.
            if (started.ExitCode == 0 || await Answers(ct))
            {
                return;
            }

            if (attempt == attempts)
            {
                throw new EmbeddedPostgresException($"PostgreSQL did not start: '{LastFatal() ?? started.LastLine}'; its log is {home.Log}.");
            }

            await Task.Delay(Pause * attempt, ct);
        }
    }

    /// <summary>Waits while a server lives that starts, recovers or goes down.</summary>
    /// <returns>False: there is none, or it took longer than a start may take.</returns>
    private async Task<bool> Answers(CancellationToken ct)
    {
        var waited = Stopwatch.StartNew();
        while (PidFile.LivingServer(home) is not null && waited.Elapsed < options.StartTimeout)
        {
            try
            {
                await using var connection = new NpgsqlConnection(home.ConnectionString("postgres") + ";Pooling=false");
                await connection.OpenAsync(ct);
                return true;
            }
            catch (NpgsqlException)
            {
                // Not yet, or not any more: the loop's condition tells.
                await Task.Delay(Pause, ct);
            }
        }

        return false;
    }

    private string? LastFatal() => File.Exists(home.Log)
        ? File.ReadLines(home.Log).LastOrDefault(line => line.Contains("FATAL:", StringComparison.Ordinal) || line.Contains("PANIC:", StringComparison.Ordinal))?.Split(":  ")[^1]
        : null;

    /// <summary>Cuts open connections off, writes everything out and waits until the server is gone; nothing to do where there is none.</summary>
    public async Task Stop(CancellationToken ct)
    {
        // pg_ctl signals whatever process the pid file names, so it is asked only when that is the server.
        if (PidFile.LivingServer(home) is null)
        {
            return;
        }

        var fast = await Stop("fast", ct);
        if (fast.ExitCode != 0 && PidFile.LivingServer(home) is not null)
        {
            LogStoppingAtOnce(fast.LastLine);
            await Stop("immediate", ct);
        }
    }

    private Task<ChildProcess.Result> Stop(string mode, CancellationToken ct) =>
        binaries.Run("pg_ctl", ["stop", "-D", home.Cluster, "-m", mode, "-w", "-t", Seconds(options.StopTimeout), "-s"], home.Account, ct);

    private static string Seconds(TimeSpan time) => ((int)Math.Ceiling(time.TotalSeconds)).ToString();

    [LoggerMessage(Level = LogLevel.Information, Message = "Going on with the PostgreSQL (process {Pid}) that an earlier run left in {Folder}.")]
    private partial void LogTakenOver(int pid, string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PostgreSQL did not stop in time ({Reason}); stopping it at once, the next start recovers from its log.")]
    private partial void LogStoppingAtOnce(string reason);
}
