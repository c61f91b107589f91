using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.EventStore.Embedded;
using Webhooks.Testing;
using static Webhooks.EventStore.Tests.Embedded.DataDirectory;

namespace Webhooks.EventStore.Tests.Embedded;

/// <summary>The service dies by kill -9; its PostgreSQL lives on.</summary>
public sealed class Killed_service
{
    private const string Held = "WEBHOOKS_TEST_HOLD";

    [Fact]
    public async Task Its_server_is_taken_over_by_the_next_start_and_stopped_with_it()
    {
        await using var directory = new DataDirectory();
        var left = await StartAndKill(directory);

        await using (var next = await directory.Start())
        {
            Assert.Equal(42, await Ask(next, "select value from kept"));
            Assert.Equal(left, directory.PostmasterPid);
        }

        Assert.False(directory.HasServer);
    }

    [Fact]
    public async Task Its_server_is_restarted_when_the_settings_are_others()
    {
        await using var directory = new DataDirectory();
        var left = await StartAndKill(directory);

        await using var next = await directory.Start(directory.Options with { Settings = new Dictionary<string, string> { ["work_mem"] = "5MB" } });

        Assert.Equal("5MB", await Ask(next, "show work_mem"));
        Assert.Equal(42, await Ask(next, "select value from kept"));
        Assert.NotEqual(left, directory.PostmasterPid);
    }

    /// <summary>No test: what the killed child process runs, told by an environment variable where.</summary>
    [Fact(Explicit = true)]
    public async Task Hold_a_cluster_until_killed()
    {
        var path = Environment.GetEnvironmentVariable(Held) ?? throw new InvalidOperationException($"Runs only with {Held}.");
        var options = new EmbeddedPostgresOptions { DataDirectory = path, Durable = false };
        var postgres = await EmbeddedPostgres.Start(options, NullLogger.Instance, CancellationToken.None);
        await Ask(postgres, "create table kept as select 42 as value");
        await File.WriteAllTextAsync(Path.Combine(path, "held"), "");
        await Task.Delay(Timeout.Infinite);
    }

    /// <returns>The process id of the server that is left.</returns>
    private static async Task<int> StartAndKill(DataDirectory directory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-method", $"{typeof(Killed_service).FullName}.{nameof(Hold_a_cluster_until_killed)}", "-explicit", "only"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { [Held] = directory.Path },
        };
        using var service = Process.Start(start)!;
        var output = service.StandardOutput.ReadToEndAsync();
        await Eventually.Is(() => service.HasExited || File.Exists(Path.Combine(directory.Path, "held")), "the child holds its cluster", TimeSpan.FromMinutes(2));
        Assert.False(service.HasExited, service.HasExited ? await output : null);
        service.Kill();
        await service.WaitForExitAsync();
        return directory.PostmasterPid;
    }
}
