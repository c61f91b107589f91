using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests;

/// <summary>A customer's server on loopback. Answers what the test tells it to, and keeps what came.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public sealed record Received(string Method, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
    {
        public string Id => Headers["webhook-id"];
        public int Attempt => int.Parse(Headers["webhook-attempt"]);
    }

    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>Status to answer with, by the number of the request from 1.</summary>
    public Func<Received, Task<int>> Answer { get; set; } = _ => Task.FromResult(200);

    /// <summary>Headers of every answer.</summary>
    public (string Name, string Value)[] Headers { get; set; } = [];

    public Uri Url { get; private set; } = null!;

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.Handle);
        await app.StartAsync();
        receiver.Url = new Uri(app.Urls.First() + "/hook");
        return receiver;
    }

    /// <param name="within">Null: as long as tests wait for anything.</param>
    public Task HasReceived(int count, TimeSpan? within = null) => Eventually.Is(() => Requests.Count >= count, $"{count} requests have come", within);

    private async Task Handle(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var received = new Received(
            http.Request.Method, http.Request.QueryString.Value ?? "", http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        Requests.Enqueue(received);
        http.Response.StatusCode = await Answer(received);
        foreach (var (name, value) in Headers)
        {
            http.Response.Headers[name] = value;
        }

        if (http.Response.StatusCode >= 400)
        {
            await http.Response.WriteAsync("no, thank you");
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
