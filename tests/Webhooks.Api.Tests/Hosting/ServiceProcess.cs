using System.Diagnostics;
using System.Text;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Hosting;

/// <summary>The service as its users start it: a process of its own.</summary>
internal sealed class ServiceProcess : IDisposable
{
    /// <summary>A start may make a database, and an end writes it out, each with the disk's word that it is written.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Keep(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(_errors, e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    public static ServiceProcess Start(string address, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "webhooks"), ["--urls", address])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new ServiceProcess(start);
    }

    /// <summary>Waits for the start message.</summary>
    public Task Listens() => Eventually.Arrives(Task.WhenAny(_listening.Task, _process.WaitForExitAsync()).Unwrap(), "the service listens", Patience);

    public async Task<int> Exits()
    {
        await Eventually.Arrives(_process.WaitForExitAsync(), "the service exits", Patience);
        return _process.ExitCode;
    }

    /// <summary>As a supervisor or Ctrl-C does.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString()]);
        kill.WaitForExit();
    }

    private void Keep(StringBuilder lines, string? line)
    {
        lock (lines)
        {
            lines.AppendLine(line);
        }

        if (line?.StartsWith("  Data directory", StringComparison.Ordinal) == true)
        {
            _listening.TrySetResult();
        }
    }

    private static string Text(StringBuilder lines)
    {
        lock (lines)
        {
            return lines.ToString().Trim();
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
