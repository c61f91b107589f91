using System.Collections.Concurrent;
using System.Diagnostics;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests.Ground;

/// <summary>A node as an operator runs it: the real program in a process of its own, that a test kills, stops, freezes and starts again.</summary>
/// <param name="settings">Environment variables.</param>
public sealed class Node(IReadOnlyDictionary<string, string> settings) : IAsyncDisposable
{
    private const string Listens = "Webhooks listens on ";

    /// <summary>Loaded machines start slowly; this only tells "never" from "slow".</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private volatile bool _mayEnd;

    /// <summary>What it wrote in all its lives, logs included.</summary>
    public ConcurrentQueue<string> Output { get; } = new();

    /// <summary>How long each start took until it listened; for the curious.</summary>
    public List<TimeSpan> Starts { get; } = [];

    /// <summary>Completes while it listens: every life has a port of its own.</summary>
    public Task<Uri> Address => Volatile.Read(ref _listening).Task;

    public int Pid => _process?.Id ?? throw new InvalidOperationException("It was never started.");

    /// <summary>Returns when it listens.</summary>
    public async Task Start()
    {
        var since = Stopwatch.StartNew();
        Begin();
        await Eventually.Arrives(Address, $"the node listens; it said:\n{Said()}", Patience);
        Starts.Add(since.Elapsed);
    }

    /// <summary>Returns when the process is there, which is long before it listens.</summary>
    public void Begin()
    {
        var process = Launch([]);
        _process = process;
        Renew();
        _mayEnd = false;
        var listening = _listening;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text && text.StartsWith(Listens, StringComparison.Ordinal))
            {
                listening.TrySetResult(new Uri(text[Listens.Length..]));
            }
        };
        process.Exited += (_, _) =>
        {
            // The end of the life before this one may be told late.
            if (!_mayEnd && ReferenceEquals(process, _process))
            {
                var died = new InvalidOperationException($"The node ended by itself; it said:\n{Said()}");
                listening.TrySetException(died);
                Volatile.Write(ref _listening, new TaskCompletionSource<Uri>());
                _listening.SetException(died);
            }
        };
        process.EnableRaisingEvents = true;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>kill -9. Returns when nothing is left of it.</summary>
    public async Task Kill()
    {
        Expect();
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a supervisor sends it.</summary>
    public async Task Ask()
    {
        Expect();
        await Signal("TERM");
    }

    /// <returns>The exit code.</returns>
    public async Task<int> Ended()
    {
        await Eventually.Arrives(_process!.WaitForExitAsync(), $"the node ends; it said:\n{Said()}", Patience);
        return _process.ExitCode;
    }

    public Task Freeze() => Signal("STOP");

    public Task Thaw() => Signal("CONT");

    /// <summary>Another command of the program, with this node's settings, from start to end.</summary>
    public async Task<(int ExitCode, string Output)> Run(params string[] arguments)
    {
        using var process = Launch(arguments);
        var said = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Eventually.Arrives(process.WaitForExitAsync(), $"'{string.Join(' ', arguments)}' ends", Patience);
        return (process.ExitCode, string.Join('\n', said));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            Expect();
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        // Shown where the test failed.
        TestContext.Current.TestOutputHelper?.WriteLine($"The last that a node said:\n{Said()}");
    }

    private Process Launch(string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "webhooks"), [.. arguments, "--urls", "http://127.0.0.1:0"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        return process;
    }

    private void Expect()
    {
        _mayEnd = true;
        Renew();
    }

    /// <summary>Who waits for a life that ends before it listens, waits for the next: unless that life gave its address while it was being killed.</summary>
    private void Renew()
    {
        if (_listening.Task.IsCompleted)
        {
            Volatile.Write(ref _listening, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    private async Task Signal(string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {Pid}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            Output.Enqueue(line);
        }
    }

    private string Said() => string.Join('\n', Output.TakeLast(20).Select(line => line.Length > 200 ? line[..200] + "…" : line));
}
