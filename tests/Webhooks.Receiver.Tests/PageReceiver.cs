using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Webhooks.Receiver.Tests;

/// <summary>A receiver written in some language as docs/verify.md has it, or the sample, running as its reader would run it.</summary>
internal sealed partial class PageReceiver : IAsyncDisposable
{
    public static readonly string[] Languages = ["Node", "Python", "Go", "C#"];

    private static readonly SemaphoreSlim BuildingGo = new(1);

    /// <summary>That of the scheme which allows the least.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly HttpClient _client;

    private PageReceiver(Process process, HttpClient client) => (_process, _client) = (process, client);

    public Uri Address => _client.BaseAddress!;

    /// <summary>Skips the test where the language's tool is missing.</summary>
    public static async Task<PageReceiver> Start(string language, string scheme, params string[] keys)
    {
        var folder = Page.Files.Value;
        var (program, argument) = language switch
        {
            "Node" => (Tool.Require("node"), "server.mjs"),
            "Python" => (Tool.Require("python3"), "server.py"),
            "Go" => (await BuildGo(), ""),
            _ => (Path.Combine(AppContext.BaseDirectory, "Webhooks.Sample.Receiver"), ""),
        };
        var start = new ProcessStartInfo(program, argument)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["PORT"] = "0", ["ASPNETCORE_URLS"] = "http://127.0.0.1:0", ["WEBHOOK_SCHEME"] = scheme, ["WEBHOOK_KEYS"] = string.Join('\n', keys),
                ["PYTHONDONTWRITEBYTECODE"] = "1",
            },
        };
        var process = Process.Start(start)!;
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"The receiver ended: {string.Join('\n', said)}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = await address.Task.WaitAsync(TestContext.Current.CancellationToken) });

        void Hear(string? line)
        {
            lock (said)
            {
                said.Add(line ?? "");
            }

            if (line is not null && Listening().Match(line) is { Success: true } match)
            {
                address.TrySetResult(new Uri(match.Groups["url"].Value));
            }
        }
    }

    /// <returns>Whether the receiver took the request for genuine.</returns>
    public async Task<bool> Accepts(Sent sent, string query = "", byte[]? packed = null) => await Answer(sent, query, packed) switch
    {
        200 or 204 => true,
        401 => false,
        var other => throw new InvalidOperationException($"Neither genuine nor forged: {other}."),
    };

    /// <summary>
    /// For what is genuine when it is sent. Where the machine stood still until it was too old, its refusal says nothing of
    /// the receiver, and another one is signed.
    /// </summary>
    /// <inheritdoc cref="Accepts(Sent, string, byte[])"/>
    public async Task<bool> Accepts(Func<Sent> sign, string query = "", byte[]? packed = null)
    {
        while (true)
        {
            var since = Stopwatch.GetTimestamp();
            var accepts = await Accepts(sign(), query, packed);
            if (accepts || Stopwatch.GetElapsedTime(since) < Tolerance)
            {
                return accepts;
            }
        }
    }

    /// <returns>The status.</returns>
    public async Task<int> Answer(Sent sent, string query = "", byte[]? body = null, string? packing = "gzip")
    {
        using var response = await _client.SendAsync(ReceivingApp.Request(sent, new Uri(Address, "/" + query), body, packing), TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<string> BuildGo()
    {
        var program = Path.Combine(Page.Files.Value, "receiver");
        await BuildingGo.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (File.Exists(program))
            {
                return program;
            }

            var cache = Directory.CreateTempSubdirectory("webhooks-go-").FullName;
            var (exitCode, said) = await Tool.Run("go", ["build", "-o", program, "main.go"], new() { ["GO111MODULE"] = "off", ["CGO_ENABLED"] = "0", ["GOCACHE"] = cache });
            Directory.Delete(cache, recursive: true);
            return exitCode == 0 ? program : throw new InvalidOperationException(said);
        }
        finally
        {
            BuildingGo.Release();
        }
    }

    [GeneratedRegex(@"listening on:? (?<url>http://\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex Listening();
}
