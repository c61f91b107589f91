using System.Diagnostics;
using System.Globalization;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests.Demo;

/// <summary>The demo as a person without a terminal runs it, its temporary files in a folder that shows what it leaves behind.</summary>
internal sealed class DemoProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _temporary = TemporaryFolder.Create();

    public DemoProcess(params (string Name, string Value)[] settings)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.GetFullPath(Path.Combine(output.FullName, "../../../../..", "demo/Webhooks.Demo/bin", output.Parent!.Name, output.Name, "Webhooks.Demo"));
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = _temporary;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.StandardInput.Close();
    }

    public StreamReader Output => _process.StandardOutput;

    public async Task Send(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>What it said from now on, and its exit code.</summary>
    public async Task<(int ExitCode, string Output, string Error)> End()
    {
        var output = _process.StandardOutput.ReadToEndAsync();
        var error = _process.StandardError.ReadToEndAsync();
        await Eventually.Arrives(_process.WaitForExitAsync(), "the demo ends", TimeSpan.FromMinutes(5));
        return (_process.ExitCode, await output, await error);
    }

    /// <summary>No files of its, and no processes that were started on its data: a server of PostgreSQL ends a moment after it has removed its last file.</summary>
    public async Task LeavesNothing()
    {
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary));
        string? remains = null;
        try
        {
            await Eventually.Is(() => (remains = Processes().FirstOrDefault()) is null, "the demo's processes are gone");
        }
        catch (TimeoutException)
        {
            Assert.Fail($"This process remains: {remains}");
        }
    }

    private IEnumerable<string> Processes() =>
        from process in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out _)
        let commandLine = Read(Path.Combine(process, "cmdline"))
        where commandLine.Contains(_temporary, StringComparison.Ordinal) || Read(Path.Combine(process, "environ")).Contains(_temporary, StringComparison.Ordinal)
        select commandLine.Replace('\0', ' ');

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or belongs to another account.
            return "";
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        Directory.Delete(_temporary, recursive: true);
    }
}
