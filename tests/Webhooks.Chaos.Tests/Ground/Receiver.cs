using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Webhooks.Testing;

namespace Webhooks.Chaos.Tests.Ground;

/// <summary>A request as a customer's server sees it.</summary>
/// <param name="Event">The header webhook-id.</param>
/// <param name="Time">How often this attempt of this delivery has come, with this one.</param>
public sealed record Arrival(string Path, string Event, string Delivery, int Attempt, int Time);

/// <summary>The customers' servers, on loopback. Counts everything, answers what the test tells it to.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<(string Delivery, int Attempt), int> _times = new();

    private Receiver(WebApplication app) => _app = app;

    public ConcurrentQueue<Arrival> Arrivals { get; } = new();

    /// <summary>The status to answer with. A handler outlives the node that it would have answered.</summary>
    public Func<Arrival, Task<int>> Answer { get; set; } = _ => Task.FromResult(200);

    public string Url { get; private set; } = "";

    /// <summary>Requests beyond the first of each attempt.</summary>
    public int Duplicates => _times.Values.Sum(times => times - 1);

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.Handle);
        await app.StartAsync();
        receiver.Url = app.Urls.First();
        return receiver;
    }

    public Task Has(int arrivals, string? path = null) => Eventually.Is(
        () => (path is null ? Arrivals.Count : Arrivals.Count(a => a.Path == path)) >= arrivals,
        $"{arrivals} requests have come to {path ?? "all paths"}",
        TimeSpan.FromMinutes(2));

    public IEnumerable<Arrival> Of(string delivery) => Arrivals.Where(a => a.Delivery == delivery);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Handle(HttpContext http)
    {
        await http.Request.Body.CopyToAsync(Stream.Null);
        var delivery = Header("webhook-delivery-id");
        var attempt = int.Parse(Header("webhook-attempt"));
        var arrival = new Arrival(http.Request.Path, Header("webhook-id"), delivery, attempt, _times.AddOrUpdate((delivery, attempt), 1, (_, times) => times + 1));
        Arrivals.Enqueue(arrival);
        http.Response.StatusCode = await Answer(arrival);

        string Header(string name) => http.Request.Headers[name].ToString();
    }
}
