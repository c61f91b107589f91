using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Threading.Channels;

namespace Webhooks.Bench.Targets;

/// <summary>The service as an operator starts it: a process of its own, told everything by its environment.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    /// <summary>Of all processes on one cluster, and of those who write webhooks into it.</summary>
    public static readonly byte[] MasterKey = RandomNumberGenerator.GetBytes(32);

    private const int SigTerm = 15;
    private const string Ready = "Webhooks listens on ";
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private ServiceProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public int Id => _process.Id;
    public Uri Address { get; }

    /// <returns>The service, listening on a free port.</returns>
    public static async Task<ServiceProcess> Start(string program, BenchCluster cluster, string bootstrapKey, string role, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = cluster.Folder };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ConnectionStrings__Postgres"] = cluster.ConnectionString;
        start.Environment["Webhooks__DataDirectory"] = Path.Combine(cluster.Folder, "service");
        start.Environment["Webhooks__Role"] = role;
        start.Environment["Webhooks__MasterKey"] = Convert.ToBase64String(MasterKey);
        start.Environment["Webhooks__BootstrapKey"] = bootstrapKey;
        start.Environment["Webhooks__Egress__AllowNetworks__0"] = BareLoop.Egress.AllowNetworks[0];
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var lines = Channel.CreateUnbounded<string>();
        process.OutputDataReceived += (_, line) => _ = line.Data is { } text ? lines.Writer.TryWrite(text) : lines.Writer.TryComplete();
        process.BeginOutputReadLine();
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(ct))
            {
                if (line.StartsWith(Ready, StringComparison.Ordinal))
                {
                    return new ServiceProcess(process, new Uri(line[Ready.Length..]));
                }
            }

            throw new InvalidOperationException("The service ended before it listened; what it said stands above.");
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>As systemd would: it may drain, but not for ever.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited && Signal(_process.Id, SigTerm) == 0)
        {
            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int process, int signal);
}
