using System.ComponentModel;
using System.Diagnostics;

namespace Webhooks.EventStore.Embedded;

/// <summary>Runs a short-lived program to its end and keeps what it said.</summary>
internal static class ChildProcess
{
    /// <param name="account">Who runs it; null: ourselves. Another account needs root.</param>
    /// <exception cref="EmbeddedPostgresException">The program is not there or may not be run.</exception>
    public static async Task<Result> Run(string? account, string file, IEnumerable<string> arguments, CancellationToken ct, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Locate(file), arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Ours may be a folder that the other account cannot enter.
            WorkingDirectory = "/",
        };
        if (account is not null)
        {
            start.UserName = account;
        }

        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new EmbeddedPostgresException($"The program {file} cannot be run{(account is null ? "" : $" as '{account}'")}: {e.Message}.", e);
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        try
        {
            await process.WaitForExitAsync(ct);
            return new Result(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            // Itself alone: a server that pg_ctl has begun to start is stopped properly, by its owner.
            process.Kill();
            throw;
        }
    }

    // A bare name would also be looked for in the current folder, where anybody may have put a file called "test" (as this repository does).
    private static string Locate(string file) => file.Contains('/', StringComparison.Ordinal)
        ? file
        : (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists) ?? throw new EmbeddedPostgresException($"The program {file} is nowhere on the PATH.");

    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>What the program said last: usually why it failed.</summary>
        public string LastLine =>
            (Error.Trim().Length > 0 ? Error : Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit code {ExitCode}";
    }
}
