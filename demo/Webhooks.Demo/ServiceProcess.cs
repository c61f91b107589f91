using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Webhooks.Demo;

/// <summary>The real service as a child process, on a port the system chooses and an embedded database in a temporary folder.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    public const string AdminKey = "demo-admin";

    private const string Listening = "Webhooks listens on ";
    private const int Sigterm = 15;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    /// <summary>Beyond the ten seconds that a stopping service waits for requests under way, and the thirty that it gives its database.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    /// <summary>Settings of the shell that would make the service another one than the demo needs.</summary>
    private static readonly string[] ForeignSettings = ["Webhooks__", "ConnectionStrings__", "ASPNETCORE_", "DOTNET_URLS", "URLS", "Kestrel__"];

    private const string PostgresPrograms = "Webhooks__PostgresBinDirectory";

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _lastWords;

    private ServiceProcess(Process process) => _process = process;

    /// <summary>Completes when the service takes requests.</summary>
    public Task<Uri> Address => _address.Task;

    public string AdminSecret { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Starts it without waiting: whoever holds it can end it, whatever happens meanwhile.</summary>
    /// <exception cref="DemoException">It is not built.</exception>
    public static ServiceProcess Start(string dataDirectory)
    {
        var program = Program();
        if (!File.Exists(program))
        {
            throw new DemoException($"The service is not built: there is no {program}; './run demo' builds it.");
        }

        var service = new ServiceProcess(new Process { StartInfo = new ProcessStartInfo(program, ["--urls", "http://127.0.0.1:0"]) });
        service.Configure(dataDirectory);
        service.Run();
        return service;
    }

    /// <exception cref="DemoException">It ended, or did not come up in time.</exception>
    public async Task<Uri> WaitUntilUp(CancellationToken ct)
    {
        try
        {
            return await Address.WaitAsync(StartPatience, ct);
        }
        catch (TimeoutException e)
        {
            throw new DemoException($"The service did not come up within {StartPatience.TotalSeconds:0} seconds.", e);
        }
    }

    /// <summary>Both programs are built the same way, side by side.</summary>
    private static string Program()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (output.Name, output.Parent!.Name);
        return Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../..", "src/Webhooks.Api/bin", configuration, framework, "webhooks"));
    }

    private void Configure(string dataDirectory)
    {
        var start = _process.StartInfo;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = dataDirectory;
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["Webhooks__DataDirectory"] = dataDirectory;
        start.Environment["Webhooks__BootstrapKey"] = $"{AdminKey}:{AdminSecret}";
        start.Environment["Webhooks__Egress__AllowNetworks__0"] = "127.0.0.0/8";

        // On a machine that is busy with other things, an event is accepted late and not refused.
        start.Environment["Webhooks__Delivery__AcceptSeconds"] = "60";
    }

    private static bool IsForeign(string name) =>
        !name.Equals(PostgresPrograms, StringComparison.OrdinalIgnoreCase) && ForeignSettings.Any(s => name.StartsWith(s, StringComparison.OrdinalIgnoreCase));

    private void Run()
    {
        _process.EnableRaisingEvents = true;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => _lastWords = string.IsNullOrWhiteSpace(line.Data) ? _lastWords : line.Data.Trim();
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _ = ReportEnd();
    }

    private void Hear(string? line)
    {
        if (line?.StartsWith(Listening, StringComparison.Ordinal) == true)
        {
            _address.TrySetResult(new Uri(line[Listening.Length..].Split(',')[0].Trim()));
        }
    }

    private async Task ReportEnd()
    {
        // Returns when both streams are read to their end, so the last words are there.
        await _process.WaitForExitAsync();
        _address.TrySetException(new DemoException($"The service did not start: {_lastWords ?? $"it ended with exit code {_process.ExitCode} and without a word."}"));
    }

    /// <summary>Asks it to stop, and ends it by force when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, Sigterm);
            using var patience = new CancellationTokenSource(StopPatience);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
