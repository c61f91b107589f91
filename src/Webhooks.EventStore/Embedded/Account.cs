namespace Webhooks.EventStore.Embedded;

/// <summary>Who runs PostgreSQL, which refuses to run as root: this process's own account, or under root an unprivileged one.</summary>
/// <param name="Name">Null: our own.</param>
public sealed record Account(string? Name)
{
    private const string PasswordFile = "/etc/passwd";

    /// <summary>Root's choices, the best first.</summary>
    private static readonly string[] Unprivileged = ["postgres", "nobody"];

    /// <summary>Our own account, or under root the owner of the cluster that exists, or the first unprivileged one there is.</summary>
    /// <exception cref="EmbeddedPostgresException">Under root there is none.</exception>
    public static async Task<Account> For(string? existingCluster, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return new Account((string?)null);
        }

        if (existingCluster is not null)
        {
            var owner = (await ChildProcess.Run(null, "stat", ["-c", "%U", existingCluster], ct)).Output.Trim();
            if (owner is not ("" or "root" or "UNKNOWN"))
            {
                return new Account(owner);
            }
        }

        var known = File.Exists(PasswordFile)
            ? await File.ReadAllLinesAsync(PasswordFile, ct)
            : [];
        var name = Unprivileged.FirstOrDefault(n => known.Any(line => line.StartsWith(n + ":", StringComparison.Ordinal)));
        return new Account(name ?? throw new EmbeddedPostgresException(
            "PostgreSQL does not run as root and there is neither an account 'postgres' nor 'nobody': make one with `useradd --system postgres`, or run the service as an ordinary user."));
    }

    /// <summary>Whether the account can enter or execute what lies at <paramref name="path"/>; false as well where it does not exist.</summary>
    public async Task<bool> CanReach(string path, CancellationToken ct) =>
        (await ChildProcess.Run(Name, "test", ["-x", path], ct)).ExitCode == 0;

    /// <summary>A folder of the account alone, mode 0700.</summary>
    public async Task MakePrivateFolder(string path, CancellationToken ct)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Name is not null)
        {
            var chown = await ChildProcess.Run(null, "chown", [Name, path], ct);
            if (chown.ExitCode != 0)
            {
                throw new EmbeddedPostgresException($"The folder {path} cannot be given to the account '{Name}', which has to run PostgreSQL ({chown.LastLine}); choose another Webhooks__DataDirectory.");
            }
        }
    }
}
