using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Bench.Traffic;
using Webhooks.Domain;

namespace Webhooks.Bench.Targets;

/// <summary>The real thing: the service's own process, spoken to over HTTP.</summary>
internal sealed class ServiceTarget : ITarget
{
    /// <summary>Of all processes of a run: a key that changes its secret is refused.</summary>
    private static readonly string BootstrapSecret = RandomNumberGenerator.GetHexString(32);

    private readonly ServiceProcess _process;
    private readonly HttpClient _client;
    private readonly string _authorization;
    private int _companies;

    private ServiceTarget(ServiceProcess process, string authorization)
    {
        (_process, _authorization) = (process, authorization);
        _client = new HttpClient { BaseAddress = process.Address };
        _client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(authorization);
    }

    public string Name => "service";
    public int ProcessId => _process.Id;

    /// <summary>Whose events are emitted.</summary>
    public string Company { get; set; } = "";

    /// <summary>Fields that webhooks registered from now on get beside their URL, such as limits.</summary>
    public JsonObject Fields { get; set; } = [];

    /// <param name="role">all, or api where something else delivers.</param>
    public static async Task<ServiceTarget> Start(string program, BenchCluster cluster, CancellationToken ct, string role = "all")
    {
        var key = $"bench:{BootstrapSecret}";
        return new ServiceTarget(await ServiceProcess.Start(program, cluster, key, role, ct), $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes(key))}");
    }

    Task ITarget.Subscribe(IReadOnlyList<Uri> webhooks, CancellationToken ct) => Subscribe(webhooks, ct);

    /// <returns>The webhooks, in the order of their addresses.</returns>
    public async Task<IReadOnlyList<WebhookId>> Subscribe(IReadOnlyList<Uri> webhooks, CancellationToken ct)
    {
        var code = $"bench-{++_companies}";
        Company = (string)(await Post("/v1/companies", new { code, name = code }, ct))["company"]!["sid"]!;
        var registered = new List<WebhookId>();
        foreach (var url in webhooks)
        {
            var body = (JsonObject)Fields.DeepClone();
            (body["company_sid"], body["label"], body["url"], body["method"]) = (Company, "bench", url.ToString(), "POST");
            registered.Add(Sid.Parse<WebhookId>((string?)(await Post("/v1/webhooks", body, ct))["webhook"]!["sid"]));
        }

        return registered;
    }

    /// <returns>How long it took until the event was accepted.</returns>
    public async Task<TimeSpan> EmitOne(CancellationToken ct)
    {
        var started = Stopwatch.StartNew();
        await Post("/v1/events", new { company_sid = Company, type = "order.paid", payload = 1 }, ct);
        return started.Elapsed;
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
        new(new IPEndPoint(IPAddress.Loopback, _process.Address.Port), connections, new EmitRequest(_authorization, Company, batch));

    private async Task<JsonNode> Post(string path, object body, CancellationToken ct)
    {
        using var response = await _client.PostAsJsonAsync(path, body, ct);
        var answer = await response.Content.ReadAsStringAsync(ct);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(answer)!
            : throw new InvalidOperationException($"POST {path} was answered {(int)response.StatusCode}: {answer}");
    }
}
