using Webhooks.Testing;

namespace Webhooks.Api.Tests.Messages;

public class OverloadTests
{
    private const int MaxWaiting = 100;

    [Fact]
    public async Task What_cannot_be_saved_soon_is_refused_and_only_what_was_accepted_exists()
    {
        await using var platform = new Platform();
        platform.Service.Settings["Webhooks:Delivery:MaxWaitingAppends"] = MaxWaiting.ToString();
        platform.Service.Settings["Webhooks:Delivery:AcceptSeconds"] = "300";
        await platform.InitializeAsync();
        var tenant = await platform.GivenTenant();
        await tenant.Accepted("a", "0");

        // The writer waits for the log with the first of them, then at most so many wait for the writer.
        Task<Answer> first;
        Task<Answer>[] rest;
        await using (var blocked = await BlockedLog.Of(platform.Service.Database))
        {
            first = tenant.Emit("""{"type":"a","payload":1}""");
            await blocked.IsWaitedFor();
            rest = [.. Enumerable.Range(0, MaxWaiting + 20).Select(_ => tenant.Emit("""{"type":"a","payload":2}"""))];
            await Eventually.Is(() => rest.Count(t => t.IsCompleted) == 20, "the surplus is refused");
        }

        (await first).Expect(202);
        var answers = await Task.WhenAll(rest);
        Assert.Equal(MaxWaiting, answers.Count(a => a.Status == 202));
        foreach (var refused in answers.Where(a => a.Status != 202))
        {
            refused.ExpectProblem(503, "event.not_accepted");
            Assert.Equal("1", refused.Header("Retry-After"));
        }

        Assert.Equal(MaxWaiting + 2, (await tenant.Sids("/v1/events?page_size=1000", "events")).Count);
    }
}
