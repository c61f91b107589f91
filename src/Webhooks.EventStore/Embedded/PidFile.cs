using System.Diagnostics;
using System.Globalization;

namespace Webhooks.EventStore.Embedded;

/// <summary>Which process serves a cluster, as far as its <c>postmaster.pid</c> and the kernel tell.</summary>
internal static class PidFile
{
    /// <summary>
    /// The process that serves the cluster, or null. A pid file outlives a power cut and its number may be another program's by now
    /// (in containers it usually is), so the number alone proves nothing: the command line must name this cluster.
    /// </summary>
    public static int? LivingServer(ClusterHome home)
    {
        if (ReadPid(home) is not { } pid)
        {
            return null;
        }

        if (!OperatingSystem.IsLinux())
        {
            return IsNamedPostgres(pid) ? pid : null;
        }

        try
        {
            var arguments = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return Path.GetFileName(arguments[0]) == "postgres" && arguments.Contains(home.Cluster) ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Less certain than the command line, which other systems do not show.</summary>
    private static bool IsNamedPostgres(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName == "postgres";
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// Removes the pid file of a dead server, which PostgreSQL itself would honour when the number lives again under the same account.
    /// Its second interlock, the shared memory of the data directory, still guards against what we might have misjudged.
    /// </summary>
    /// <returns>Whether there was one: the server went down without a shutdown.</returns>
    public static bool ForgetDead(ClusterHome home)
    {
        if (!File.Exists(PathOf(home)) || LivingServer(home) is not null)
        {
            return false;
        }

        File.Delete(PathOf(home));
        return true;
    }

    private static string PathOf(ClusterHome home) => Path.Combine(home.Cluster, "postmaster.pid");

    private static int? ReadPid(ClusterHome home)
    {
        try
        {
            using var reader = File.OpenText(PathOf(home));
            return int.TryParse(reader.ReadLine(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
