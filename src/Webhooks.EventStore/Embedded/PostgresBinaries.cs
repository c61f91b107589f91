using System.Globalization;
using System.Text.RegularExpressions;

namespace Webhooks.EventStore.Embedded;

/// <summary>One installed PostgreSQL.</summary>
/// <param name="Folder">Holds <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>.</param>
public sealed partial record PostgresBinaries(string Folder, int Major)
{
    /// <summary>The oldest PostgreSQL whose behaviour the schema and its tests know.</summary>
    public const int OldestMajor = 15;
    private const string DebianFolder = "/usr/lib/postgresql";
    private static readonly string[] Programs = ["initdb", "pg_ctl", "postgres"];

    /// <summary>Runs one of the programs, with an environment of its own: PG* variables would steer it, and secrets of ours do not belong into its processes.</summary>
    internal Task<ChildProcess.Result> Run(string program, IEnumerable<string> arguments, Account account, CancellationToken ct) => ChildProcess.Run(
        account.Name,
        Path.Combine(Folder, program),
        arguments,
        ct,
        new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin", ["LC_ALL"] = "C" });

    /// <summary>
    /// The setting, Debian's folders from the newest down, PATH, what was fetched before; the first that <paramref name="account"/> may run
    /// and that can open a cluster of version <paramref name="clusterMajor"/> (null: none exists yet). Null when there is nothing at all.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">The setting is wrong, or everything found is of another version than the cluster.</exception>
    public static async Task<PostgresBinaries?> Find(string? setting, string cacheDirectory, int? clusterMajor, Account account, CancellationToken ct)
    {
        if (setting is not null)
        {
            var chosen = await Inspect(setting, account, ct) ?? throw new EmbeddedPostgresException(
                $"There is no usable PostgreSQL in {setting}: it must hold {string.Join(", ", Programs)} of version {OldestMajor} or newer{(account.Name is null ? "" : $", and the account '{account.Name}' must be able to run them")}.");
            return clusterMajor is null || chosen.Major == clusterMajor ? chosen : throw WrongVersion(clusterMajor.Value, [chosen]);
        }

        var others = new List<PostgresBinaries>();
        foreach (var folder in Candidates(cacheDirectory))
        {
            if (await Inspect(folder, account, ct) is not { } found)
            {
                continue;
            }

            if (clusterMajor is null || found.Major == clusterMajor)
            {
                return found;
            }

            others.Add(found);
        }

        return others.Count == 0 || clusterMajor == PostgresDownload.Major ? null : throw WrongVersion(clusterMajor!.Value, others);
    }

    private static EmbeddedPostgresException WrongVersion(int cluster, IReadOnlyList<PostgresBinaries> found) => new(
        $"The database was made by PostgreSQL {cluster} and only {string.Join(", ", found.Select(f => $"{f.Major} ({f.Folder})"))} is here: install PostgreSQL {cluster}, or move the data with pg_dump or pg_upgrade.");

    private static IEnumerable<string> Candidates(string cacheDirectory)
    {
        var debian = Directory.Exists(DebianFolder)
            ? Directory.EnumerateDirectories(DebianFolder)
                .OrderByDescending(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0)
                .Select(d => Path.Combine(d, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(d => Path.Combine(d, "postgres"))
            .Where(File.Exists)
            // Often a link into the folder where the other programs are.
            .Select(p => Path.GetDirectoryName(File.ResolveLinkTarget(p, returnFinalTarget: true)?.FullName ?? p)!);
        return [.. debian, .. path, PostgresDownload.BinFolder(cacheDirectory)];
    }

    private static async Task<PostgresBinaries?> Inspect(string folder, Account account, CancellationToken ct)
    {
        var full = Path.GetFullPath(folder);
        if (!Programs.All(p => File.Exists(Path.Combine(full, p))) || !await account.CanReach(Path.Combine(full, "postgres"), ct))
        {
            return null;
        }

        var said = await ChildProcess.Run(account.Name, Path.Combine(full, "postgres"), ["--version"], ct);
        return said.ExitCode == 0 && VersionPattern().Match(said.Output) is { Success: true } match
            && int.Parse(match.ValueSpan, CultureInfo.InvariantCulture) is >= OldestMajor and var major
            ? new PostgresBinaries(full, major)
            : null;
    }

    [GeneratedRegex(@"(?<=\(PostgreSQL\) )\d{1,4}", RegexOptions.ExplicitCapture)]
    private static partial Regex VersionPattern();
}
