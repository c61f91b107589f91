using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.EventStore.Embedded;
using Webhooks.Testing;

namespace Webhooks.Api.Tests.Hosting;

public sealed class HealthTests : IDisposable
{
    private readonly string _folder = TemporaryFolder.Create();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Without_its_database_the_service_is_up_but_not_ready_and_goes_on_when_it_is_back()
    {
        var address = $"http://127.0.0.1:{FreePort.Find()}";
        var postgres = await StartPostgres();
        using var service = ServiceProcess.Start(
            address,
            ("ConnectionStrings__Postgres", postgres.ConnectionString),
            ("Webhooks__MasterKey", new string('0', 64)),
            ("Webhooks__BootstrapKey", "admin:admin-secret"));
        await service.Listens();
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", RunningService.Basic("admin", "admin-secret"));
        (await Get(http, "/healthz")).Expect(200);
        await IsReady(http);
        Assert.Equal((200, 200), (await Head(http, "/healthz"), await Head(http, "/readyz")));

        await postgres.StopAsync(CancellationToken.None);
        (await Get(http, "/healthz")).Expect(200);
        (await Get(http, "/readyz")).ExpectProblem(503, "database.unavailable");
        Assert.Equal((200, 503), (await Head(http, "/healthz"), await Head(http, "/readyz")));
        var refused = await Get(http, "/v1/companies");
        refused.ExpectProblem(503, "database.unavailable");
        Assert.NotNull(refused.Header("Retry-After"));

        await using var back = await StartPostgres();
        await IsReady(http);
        (await Get(http, "/v1/companies")).Expect(200);
        service.Signal("TERM");
        var exitCode = await service.Exits();
        Assert.True(exitCode == 0, $"{exitCode}: {service.Errors}");
    }

    private Task<EmbeddedPostgres> StartPostgres() =>
        EmbeddedPostgres.Start(new EmbeddedPostgresOptions { DataDirectory = _folder, Durable = false }, NullLogger.Instance, CancellationToken.None);

    /// <summary>Asked again, as load balancers do: a database that takes two seconds over an answer is not ready.</summary>
    private static Task IsReady(HttpClient http) => Eventually.Is(async () => (await Get(http, "/readyz")).Status == 200, "the service is ready");

    private static async Task<Answer> Get(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path);
        return await Answer.Read(response);
    }

    private static async Task<int> Head(HttpClient http, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var response = await http.SendAsync(request);
        return (int)response.StatusCode;
    }
}
