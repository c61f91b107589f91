using Webhooks.Testing;

namespace Webhooks.Chaos.Tests.Demo;

public class DemoTests
{
    [Fact]
    public async Task It_shows_all_three_outcomes_and_leaves_nothing_behind()
    {
        using var demo = new DemoProcess();
        var (exitCode, output, error) = await demo.End();

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"file\.received +healthy +succeeded +✓200 +yes", output);
        Assert.Matches(@"group_reservation_updated +flaky +succeeded +✗503 ✗503 ✓200 +yes", output);
        Assert.Matches(@"encoding\.failed +broken +exhausted +✗500 ✗500 ✗500 ✗500 +yes", output);
        Assert.Contains("What you saw", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
        await demo.LeavesNothing();
    }

    [Fact]
    public async Task Interrupted_it_ends_and_removes_what_it_started()
    {
        using var demo = new DemoProcess();
        await Eventually.Is(
            async () => (await demo.Output.ReadLineAsync() ?? throw new InvalidOperationException("The demo ended early.")).Contains("The service is up", StringComparison.Ordinal),
            "the service is up",
            TimeSpan.FromMinutes(2));

        await demo.Send("INT");

        Assert.Equal(130, (await demo.End()).ExitCode);
        await demo.LeavesNothing();
    }

    [Fact]
    public async Task A_service_that_cannot_start_is_one_sentence()
    {
        using var demo = new DemoProcess(("Webhooks__PostgresBinDirectory", "/nowhere"));
        var (exitCode, _, error) = await demo.End();

        Assert.Equal(1, exitCode);
        Assert.StartsWith("The service did not start: ", error, StringComparison.Ordinal);
        Assert.Contains("/nowhere", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        await demo.LeavesNothing();
    }
}
