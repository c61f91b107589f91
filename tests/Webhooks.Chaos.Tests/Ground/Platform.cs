using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Webhooks.Chaos.Tests.Ground;

/// <summary>The customers' platform: what calls the HTTP API of a node, wherever that listens at the moment.</summary>
public sealed class Platform : IDisposable
{
    private readonly Node _node;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(2) };

    public Platform(Node node)
    {
        _node = node;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Settings.AdminKey)));
    }

    /// <returns>Its sid.</returns>
    public async Task<string> RegisterCompany() =>
        (await Call(HttpMethod.Post, "/v1/companies", new { code = $"c{Guid.NewGuid():N}", name = "Chaos Ltd" })).GetProperty("company").GetProperty("sid").GetString()!;

    /// <param name="retries">Milliseconds before each next attempt; the last one repeats.</param>
    /// <returns>Its sid.</returns>
    public async Task<string> RegisterWebhook(string company, string url, string[] types, long[] retries, int attempts = 20) =>
        (await Call(HttpMethod.Post, "/v1/webhooks", new
        {
            company_sid = company,
            url,
            timeout_ms = 60_000,
            max_attempts = attempts,
            event_types = types,
            retry_policy = new { kind = "schedule", delays_ms = retries },
        })).GetProperty("webhook").GetProperty("sid").GetString()!;

    public Task Disable(string webhook) => Call(HttpMethod.Post, $"/v1/webhooks/{webhook}/~disable", null);

    public Task Delete(string webhook) => Call(HttpMethod.Delete, $"/v1/webhooks/{webhook}", null);

    /// <summary>One try.</summary>
    /// <returns>The status, 0 where no answer came, and the event's sid with 202.</returns>
    public async Task<(int Status, string? Sid)> Emit(string company, string type, int number, string? key)
    {
        var address = await _node.Address;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/v1/events"))
        {
            Content = Json($$"""{"company_sid":"{{company}}","type":"{{type}}","payload":{"n": {{number}} } }"""),
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        try
        {
            using var response = await _http.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            return ((int)response.StatusCode, (int)response.StatusCode == 202 ? JsonDocument.Parse(body).RootElement.GetProperty("event").GetProperty("sid").GetString() : null);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return (0, null);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> Call(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(await _node.Address, path)) { Content = body is null ? null : Json(JsonSerializer.Serialize(body)) };
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
