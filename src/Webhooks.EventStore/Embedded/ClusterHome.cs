using System.Security.Cryptography;
using System.Text;

namespace Webhooks.EventStore.Embedded;

/// <summary>
/// Where the cluster of a data directory lies. Ordinarily inside it; under root, when the account that runs PostgreSQL cannot enter it
/// (a checkout below /root), below <c>/var/lib/webhooks</c>, and the data directory's file <c>postgres.location</c> says where.
/// </summary>
public sealed record ClusterHome(string Folder, Account Account)
{
    /// <summary>Names the socket; nothing listens on TCP.</summary>
    public const int Port = 5432;
    private const string SharedHome = "/var/lib/webhooks";
    private const string PointerFile = "postgres.location";

    /// <summary>What <c>sockaddr_un</c> holds, its closing zero left out.</summary>
    private const int MaxSocketPath = 107;

    private const UnixFileMode PassableByAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public string Cluster => Path.Combine(Folder, "cluster");
    public string Log => Path.Combine(Folder, "postgres.log");
    public string Configuration => Path.Combine(Cluster, "postgresql.conf");
    public bool Exists => File.Exists(Path.Combine(Cluster, "PG_VERSION"));

    /// <summary>Null before the first start.</summary>
    public int? Version => Exists && int.TryParse(File.ReadAllText(Path.Combine(Cluster, "PG_VERSION")).Trim(), out var major) ? major : null;

    /// <summary>In the home itself, or where that path is too long for a socket, in a short one named after it.</summary>
    public string SocketDirectory => Fits(Folder)
        ? Folder
        : Path.Combine(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 and < 60 } runtime ? runtime : "/tmp", "webhooks-" + Fingerprint(Folder));

    public string ConnectionString(string database) => $"Host={SocketDirectory};Port={Port};Username=postgres;Database={database}";

    /// <summary>Finds the home and makes its folders.</summary>
    /// <exception cref="EmbeddedPostgresException">The data directory cannot be written, or its cluster is gone.</exception>
    public static async Task<ClusterHome> Open(string dataDirectory, CancellationToken ct)
    {
        var data = Path.GetFullPath(dataDirectory);
        try
        {
            Directory.CreateDirectory(data);
            var home = await Find(data, ct);
            await home.Account.MakePrivateFolder(home.Folder, ct);
            if (home.SocketDirectory != home.Folder)
            {
                await home.Account.MakePrivateFolder(home.SocketDirectory, ct);
            }

            return home;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EmbeddedPostgresException($"The data directory {data} cannot be written ({e.Message.TrimEnd('.')}): make it writable for '{Environment.UserName}', or set Webhooks__DataDirectory to another.", e);
        }
    }

    private static async Task<ClusterHome> Find(string data, CancellationToken ct)
    {
        var pointer = Path.Combine(data, PointerFile);
        if (File.Exists(pointer))
        {
            var elsewhere = (await File.ReadAllTextAsync(pointer, ct)).Trim();
            return Directory.Exists(elsewhere)
                ? new ClusterHome(elsewhere, await Account.For(Path.Combine(elsewhere, "cluster"), ct))
                : throw new EmbeddedPostgresException($"The database of {data} was at {elsewhere} and is not there any more: put it back, or delete {pointer} to begin with an empty one.");
        }

        var inside = Path.Combine(data, "postgres");
        var existing = Path.Combine(inside, "cluster");
        if (Directory.Exists(existing))
        {
            return new ClusterHome(inside, await Account.For(existing, ct));
        }

        var account = await Account.For(existingCluster: null, ct);
        if (account.Name is null || (Fits(inside) && await account.CanReach(data, ct)))
        {
            return new ClusterHome(inside, account);
        }

        // A path can come again after its data directory was removed; what it held then is kept and not taken for the new one's.
        var name = Path.Combine(SharedHome, Fingerprint(data));
        var outside = new ClusterHome(Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? name : $"{name}-{n}").First(path => !Directory.Exists(path)), account);
        Directory.CreateDirectory(SharedHome);
        File.SetUnixFileMode(SharedHome, PassableByAll);
        await account.MakePrivateFolder(outside.Folder, ct);
        await File.WriteAllTextAsync(Path.Combine(outside.Folder, "data-directory"), data + "\n", ct);
        await File.WriteAllTextAsync(pointer, outside.Folder + "\n", ct);
        return outside;
    }

    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;

    /// <summary>Held while a service uses the cluster; the kernel lets go of it when the process ends, however it ends.</summary>
    /// <exception cref="EmbeddedPostgresException">Another service holds it.</exception>
    public FileStream Lock(string dataDirectory)
    {
        try
        {
            return new FileStream(Path.Combine(Folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is WouldBlockOnLinux or WouldBlockOnMac)
        {
            throw new EmbeddedPostgresException(
                $"Another service is running on the data directory {Path.GetFullPath(dataDirectory)}: stop it first, or set Webhooks__DataDirectory to another.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedPostgresException($"The database folder {Folder} belongs to another account than '{Environment.UserName}': run the service as before, or give the folder to this account.", e);
        }
    }

    private static bool Fits(string folder) => Encoding.UTF8.GetByteCount($"{folder}/.s.PGSQL.{Port}") <= MaxSocketPath;

    private static string Fingerprint(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16];
}
