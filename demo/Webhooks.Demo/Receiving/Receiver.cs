using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Webhooks.Demo.Receiving;

/// <summary>A request as the receiver judged it.</summary>
/// <param name="Event">The id that all requests of one event share, so that a receiver can drop what it has.</param>
/// <param name="Fault">Why its signature is not genuine; null when it is.</param>
internal sealed record Reception(string Event, string? Fault);

/// <summary>The servers of all subscribers, one path each. It trusts nothing that is not signed with the secret it was given.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentDictionary<string, string> _secrets = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Reception>> _receptions = new();
    private volatile Request? _genuine;

    private Receiver(WebApplication server) => _server = server;

    public Uri Address => new(_server.Urls.First());

    /// <summary>How many requests had a genuine signature.</summary>
    public int GenuineRequests => _receptions.Values.Sum(r => r.Count(x => x.Fault is null));

    /// <summary>Whether all requests of a delivery named the same event.</summary>
    public bool EventsKeepTheirId => _receptions.Values.All(r => r.Select(x => x.Event).Distinct().Count() == 1);

    public static async Task<Receiver> Start(CancellationToken ct)
    {
        // Empty: it takes no settings from the shell, and logs nothing into the demo's output.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port: 0));
        var server = builder.Build();
        var receiver = new Receiver(server);
        server.Run(receiver.Handle);
        await server.StartAsync(ct);
        return receiver;
    }

    public Uri UrlOf(Subscriber subscriber) => new(Address, subscriber.Label);

    /// <summary>From now on requests to this subscriber are checked against the secret.</summary>
    public void Trust(Subscriber subscriber, string secret) => _secrets[subscriber.Label] = secret;

    public IReadOnlyCollection<Reception> Of(string delivery) => _receptions.TryGetValue(delivery, out var found) ? found : [];

    /// <summary>Sends itself a genuine request again, with one byte of the body changed.</summary>
    /// <returns>What it answered; a receiver worth its name says 401.</returns>
    public async Task<int> Forge(CancellationToken ct)
    {
        var genuine = _genuine ?? throw new DemoException("The receiver never got a genuine request.");
        var body = genuine.Body.ToArray();
        body[body.Length / 2] ^= 1;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var forged = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, genuine.Path)) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in genuine.Headers)
        {
            forged.Headers.Add(name, value);
        }

        using var response = await http.SendAsync(forged, ct);
        return (int)response.StatusCode;
    }

    private async Task Handle(HttpContext http)
    {
        var body = await Read(http.Request);
        var path = http.Request.Path.Value!.Trim('/');
        if (Subscriber.All.FirstOrDefault(s => s.Label == path) is not { } subscriber || !_secrets.TryGetValue(path, out var secret))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var headers = http.Request.Headers;
        var fault = subscriber.Scheme == "streem"
            ? StreemSignature.Fault(headers, body, secret, DateTimeOffset.UtcNow)
            : StandardSignature.Fault(headers, body, secret, DateTimeOffset.UtcNow);
        var earlier = Remember(headers, fault);
        if (fault is null && subscriber == Subscriber.Healthy)
        {
            _genuine = new Request(path, [.. headers.Where(h => h.Key is "webhook-id" or "webhook-timestamp" or "webhook-signature").Select(h => (h.Key, h.Value.ToString()))], body);
        }

        http.Response.StatusCode = fault is null ? subscriber.Answer(earlier + 1) : StatusCodes.Status401Unauthorized;
        await http.Response.WriteAsync(fault ?? "thank you", http.RequestAborted);
    }

    /// <returns>How many requests of the same delivery came before.</returns>
    private int Remember(IHeaderDictionary headers, string? fault)
    {
        if (headers["webhook-delivery-id"].ToString() is not { Length: > 0 } delivery)
        {
            return 0;
        }

        var receptions = _receptions.GetOrAdd(delivery, _ => []);
        receptions.Enqueue(new Reception(headers["webhook-id"].ToString(), fault));
        return receptions.Count - 1;
    }

    private static async Task<byte[]> Read(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private sealed record Request(string Path, (string Name, string Value)[] Headers, byte[] Body);
}
