using Microsoft.Extensions.DependencyInjection;
using Webhooks.Api.Hosting;

namespace Webhooks.Api.Tests.Hosting;

public sealed class HealthTests(RunningService service) : IClassFixture<RunningService>
{
    [Fact]
    public async Task A_running_service_is_up_and_ready_without_a_key()
    {
        (await service.Send(HttpMethod.Get, "/healthz", (string?)null, null)).Expect(200);
        (await service.Send(HttpMethod.Get, "/readyz", (string?)null, null)).Expect(200);
    }

    [Fact]
    public async Task Without_its_database_the_service_is_up_but_not_ready()
    {
        await using var other = new RunningService();
        await other.InitializeAsync();
        await other.Services.GetRequiredService<Database>().Source.DisposeAsync();

        (await other.Send(HttpMethod.Get, "/healthz", (string?)null, null)).Expect(200);
        Assert.Equal(503, (await other.Send(HttpMethod.Get, "/readyz", (string?)null, null)).Status);
    }
}
