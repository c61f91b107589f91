using System.Diagnostics;
using Webhooks.Api.Tests.Messages;

namespace Webhooks.Api.Tests.Operations;

/// <summary><c>webhooks rebuild</c> as a process of its own, as operators run it.</summary>
public class RebuildCommandTests
{
    [Fact]
    public async Task It_refuses_while_a_service_runs_and_rebuilds_once_it_is_stopped()
    {
        await using var platform = new Platform();
        await platform.InitializeAsync();
        var tenant = await platform.GivenTenant();
        var path = Tenant.NewPath();
        var webhook = await tenant.GivenWebhook(path);
        await tenant.Delivery(await tenant.Accepted("a", "1", "key-1"), "succeeded");
        (await platform.Service.Post($"/v1/webhooks/{webhook}/~disable", null, tenant.Key)).Expect(200);
        var parked = await tenant.Accepted("a", "2");
        await tenant.Delivery(parked, "parked");
        var before = (await tenant.List("/v1/deliveries"))["deliveries"]!.ToJsonString();

        var refused = await Rebuild(platform);
        Assert.Equal(1, refused.Exit);
        Assert.Contains("A service is running on this database", refused.Errors, StringComparison.Ordinal);

        await platform.Service.Stop();
        await Execute(platform, "truncate read.companies, read.api_keys, read.webhooks, read.deliveries, delivery.queue, delivery.idempotency_keys, delivery.routing_versions");
        var done = await Rebuild(platform);
        Assert.True(done.Exit == 0, done.Errors);
        foreach (var part in new[] { "Companies, API keys, webhooks", "Deliveries", "Schedule, idempotency keys, routing", "facts/s", "nothing was sent" })
        {
            Assert.Contains(part, done.Output, StringComparison.Ordinal);
        }

        await platform.Service.Restart();
        Assert.Equal(before, (await tenant.List("/v1/deliveries"))["deliveries"]!.ToJsonString());
        Assert.Equal("true", (await tenant.Emit("""{"type":"a","payload":1,"id":"key-1"}""")).Header("Idempotent-Replayed"));
        Assert.Single(platform.Receiver.At(path));
        (await platform.Service.Post($"/v1/webhooks/{webhook}/~enable", null, tenant.Key)).Expect(200);
        await tenant.Delivery(parked, "succeeded");
        Assert.Equal(2, platform.Receiver.At(path).Count);
    }

    [Fact]
    public async Task It_refuses_while_a_node_that_only_answers_http_runs()
    {
        await using var platform = new Platform();
        platform.Service.Settings["Webhooks:Role"] = "api";
        await platform.InitializeAsync();
        var refused = await Rebuild(platform);
        Assert.Equal(1, refused.Exit);
        Assert.Contains("A service is running on this database", refused.Errors, StringComparison.Ordinal);

        await platform.Service.Stop();
        var done = await Rebuild(platform);
        Assert.True(done.Exit == 0, done.Errors);
    }

    private static async Task<(int Exit, string Output, string Errors)> Rebuild(Platform platform)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "webhooks"), ["rebuild"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ConnectionStrings__Postgres"] = platform.Service.Database.ConnectionString;
        start.Environment["Webhooks__MasterKey"] = Convert.ToBase64String(new byte[32]);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static async Task Execute(Platform platform, string sql)
    {
        await using var command = platform.Service.Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
