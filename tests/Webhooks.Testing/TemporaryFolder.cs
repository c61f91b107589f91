namespace Webhooks.Testing;

/// <summary>Folders for one test run, below <c>WEBHOOKS_TEST_FOLDER</c> (which <c>./test</c> sweeps) or the system's temporary folder.</summary>
public static class TemporaryFolder
{
    /// <summary>Others may pass through it, since under root PostgreSQL runs as another account.</summary>
    public static string Create()
    {
        var parent = Environment.GetEnvironmentVariable("WEBHOOKS_TEST_FOLDER") is { Length: > 0 } given ? given : Path.GetTempPath();
        var path = Path.Combine(parent, $"webhooks-test-{Guid.NewGuid():N}"[..23]);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }
}
