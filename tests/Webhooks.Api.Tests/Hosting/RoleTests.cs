using Webhooks.Testing;

namespace Webhooks.Api.Tests.Hosting;

public sealed class RoleTests
{
    [Fact]
    public async Task A_worker_answers_for_its_health_alone()
    {
        await using var worker = new RunningService { Settings = { ["Webhooks:Role"] = "worker" } };
        await worker.InitializeAsync();

        (await worker.Send(HttpMethod.Get, "/healthz", (string?)null, null)).Expect(200);
        await Eventually.Is(async () => (await worker.Send(HttpMethod.Get, "/readyz", (string?)null, null)).Status == 200, "it is ready");
        (await worker.Get("/v1/companies")).ExpectProblem(404, "route.not_found");
    }
}
