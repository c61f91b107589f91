namespace Webhooks.Demo;

/// <summary>The data directory of one run, removed with everything the service kept in it.</summary>
internal sealed class TemporaryData : IDisposable
{
    /// <summary>Names the place of the database when it is not inside: a service under root keeps it where PostgreSQL's account can reach it.</summary>
    private const string DatabaseElsewhere = "postgres.location";

    private const string ElsewhereIsBelow = "/var/lib/webhooks/";

    public TemporaryData()
    {
        Path = Directory.CreateTempSubdirectory("webhooks-demo-").FullName;

        // PostgreSQL does not run as root: the account it runs as has to pass through.
        File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    public void Dispose()
    {
        var pointer = System.IO.Path.Combine(Path, DatabaseElsewhere);
        if (File.Exists(pointer) && File.ReadAllText(pointer).Trim() is var elsewhere && elsewhere.StartsWith(ElsewhereIsBelow, StringComparison.Ordinal))
        {
            Directory.Delete(elsewhere, recursive: true);
        }

        Directory.Delete(Path, recursive: true);
    }
}
