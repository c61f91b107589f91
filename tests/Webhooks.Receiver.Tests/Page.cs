using System.Diagnostics;
using System.Text.RegularExpressions;
using Webhooks.Domain.Tests;

namespace Webhooks.Receiver.Tests;

/// <summary>docs/verify.md, and the files that it shows.</summary>
internal static partial class Page
{
    /// <summary>A folder with every file of the page, for as long as the tests run.</summary>
    public static readonly Lazy<string> Files = new(WriteFiles);

    /// <summary>A file is its name between backticks on a line of its own, and then a fenced block.</summary>
    private static Dictionary<string, string> Read() =>
        File().Matches(System.IO.File.ReadAllText(Path.Combine(Repository.Root, "docs/verify.md"))).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["text"].Value);

    private static string WriteFiles()
    {
        var folder = Directory.CreateTempSubdirectory("webhooks-verify-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var (name, text) in Read())
        {
            System.IO.File.WriteAllText(Path.Combine(folder, name), text);
        }

        return folder;
    }

    [GeneratedRegex(@"^`(?<name>[\w.]+)`\n```\w+\n(?<text>[\s\S]*?)^```$", RegexOptions.Multiline)]
    private static partial Regex File();
}

/// <summary>Programs that the page's readers have, and this machine perhaps.</summary>
internal static class Tool
{
    public static string Require(string name)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), .. UnpackedGo()];
        var found = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"{name} is not installed here.");
        return found!;
    }

    /// <summary>Where <c>.ci/go</c> has unpacked it, if it has.</summary>
    private static IEnumerable<string> UnpackedGo()
    {
        var unpacked = Environment.GetEnvironmentVariable("WEBHOOKS_GO") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/webhooks/go");
        var versions = Path.Combine(unpacked, "usr/lib");
        return Directory.Exists(versions) ? Directory.EnumerateDirectories(versions, "go-*").Select(version => Path.Combine(version, "bin")) : [];
    }

    public static async Task RequirePython(string module) =>
        Assert.SkipUnless((await Run("python3", ["-c", $"import {module}"], [])).ExitCode == 0, $"Python's {module} is not installed here.");

    /// <summary>In the folder of the page's files.</summary>
    public static async Task<(int ExitCode, string Said)> Run(string name, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Require(name), arguments) { WorkingDirectory = Page.Files.Value, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (await output + await error).Trim());
    }
}
