using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Webhooks.Demo;

/// <summary>The service's HTTP API, as a customer's own code would call it.</summary>
internal sealed class ServiceApi : IDisposable
{
    private readonly HttpClient _http;

    public ServiceApi(Uri address, string key, string secret)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(90) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key}:{secret}")));
    }

    public Task<JsonNode> Get(string path, CancellationToken ct) => Send(new HttpRequestMessage(HttpMethod.Get, path), ct);

    /// <param name="idempotencyKey">Makes a repeat safe: the service answers it as it answered the first.</param>
    public Task<JsonNode> Post(string path, object body, CancellationToken ct, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return Send(request, ct);
    }

    /// <exception cref="DemoException">No answer, or no success.</exception>
    private async Task<JsonNode> Send(HttpRequestMessage request, CancellationToken ct)
    {
        var what = $"{request.Method} {request.RequestUri}";
        try
        {
            using var response = await _http.SendAsync(request, ct);
            var text = await response.Content.ReadAsStringAsync(ct);
            return response.IsSuccessStatusCode
                ? JsonNode.Parse(text) ?? throw new DemoException($"The service answered {what} with null.")
                : throw new DemoException($"The service answered {what} with {((int)response.StatusCode).ToString(CultureInfo.InvariantCulture)}: {text.Trim()}");
        }
        catch (HttpRequestException e)
        {
            throw new DemoException($"The service does not answer {what}: {e.Message.TrimEnd('.')}.", e);
        }
        catch (TaskCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new DemoException($"The service did not answer {what} within {_http.Timeout.TotalSeconds:0} seconds.", e);
        }
        finally
        {
            request.Dispose();
        }
    }

    public void Dispose() => _http.Dispose();
}
