using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Bench.Traffic;

namespace Webhooks.Bench.Targets;

/// <summary>The real thing: the service's own process, spoken to over HTTP.</summary>
internal sealed class ServiceTarget : ITarget
{
    private readonly ServiceProcess _process;
    private readonly HttpClient _client;
    private readonly string _authorization;
    private int _companies;
    private string _company = "";

    private ServiceTarget(ServiceProcess process, string authorization)
    {
        (_process, _authorization) = (process, authorization);
        _client = new HttpClient { BaseAddress = process.Address };
        _client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(authorization);
    }

    public string Name => "service";
    public int ProcessId => _process.Id;

    public static async Task<ServiceTarget> Start(string program, BenchCluster cluster, CancellationToken ct)
    {
        var key = $"bench:{RandomNumberGenerator.GetHexString(32)}";
        return new ServiceTarget(await ServiceProcess.Start(program, cluster, key, ct), $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes(key))}");
    }

    public async Task Subscribe(IReadOnlyList<Uri> webhooks, CancellationToken ct)
    {
        var code = $"bench-{++_companies}";
        _company = (string)(await Post("/v1/companies", new { code, name = code }, ct))["company"]!["sid"]!;
        foreach (var url in webhooks)
        {
            await Post("/v1/webhooks", new { company_sid = _company, label = "bench", url = url.ToString(), method = "POST" }, ct);
        }
    }

    public Task<Emitted> Flood(int connections, int batch, TimeSpan duration, CancellationToken ct) => Task.Run(() =>
    {
        using var load = Load(connections, batch);
        return load.Flood(duration, ct);
    }, ct);

    public Task<Emitted> Pace(int connections, int perSecond, TimeSpan duration, CancellationToken ct) => Task.Run(() =>
    {
        using var load = Load(connections, 1);
        return load.Pace(perSecond, duration, ct);
    }, ct);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }

    private LoadGenerator Load(int connections, int batch) =>
        new(new IPEndPoint(IPAddress.Loopback, _process.Address.Port), connections, new EmitRequest(_authorization, _company, batch));

    private async Task<JsonNode> Post(string path, object body, CancellationToken ct)
    {
        using var response = await _client.PostAsJsonAsync(path, body, ct);
        var answer = await response.Content.ReadAsStringAsync(ct);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(answer)!
            : throw new InvalidOperationException($"POST {path} was answered {(int)response.StatusCode}: {answer}");
    }
}
