namespace Webhooks.Domain.Tests;

/// <summary>The checked-out source, which golden files are read from and new ones are written to.</summary>
internal static class Repository
{
    public static readonly string Root = Find(AppContext.BaseDirectory);

    public static bool Regenerate => Environment.GetEnvironmentVariable("WEBHOOKS_REGENERATE") is "1";

    private static string Find(string directory) =>
        File.Exists(Path.Combine(directory, "Webhooks.sln")) ? directory
        : Path.GetDirectoryName(directory) is { } parent ? Find(parent)
        : throw new InvalidOperationException("The tests run from within the repository: no Webhooks.sln above them.");
}
