namespace Webhooks.Testing;

/// <summary>Folders for one test run, below <c>WEBHOOKS_TEST_FOLDER</c> (which <c>./test</c> sweeps) or the system's temporary folder.</summary>
public static class TemporaryFolder
{
    private static readonly string? Swept = Environment.GetEnvironmentVariable("WEBHOOKS_TEST_FOLDER") is { Length: > 0 } given ? given : null;

    /// <summary>Whether somebody else ends and removes what is left here. The runner gives a process eleven seconds to exit, which a loaded machine can use up.</summary>
    public static bool IsSwept => Swept is not null;

    /// <summary>Others may pass through it, since under root PostgreSQL runs as another account.</summary>
    public static string Create()
    {
        var path = Path.Combine(Swept ?? Path.GetTempPath(), $"webhooks-test-{Guid.NewGuid():N}"[..23]);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }
}
