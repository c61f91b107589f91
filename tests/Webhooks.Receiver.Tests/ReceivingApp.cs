using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Webhooks.Receiver.Tests;

/// <summary>An application that receives webhooks on loopback, at <see cref="Sender.SentAt"/> unless another clock is given.</summary>
internal sealed class ReceivingApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private ReceivingApp(WebApplication app, HttpClient client) => (_app, _client) = (app, client);

    public Uri Address => _client.BaseAddress!;

    public ConcurrentQueue<ReceivedWebhook> Received { get; } = new();

    /// <summary>What the handler does after it has noted the webhook.</summary>
    public Func<ReceivedWebhook, HttpContext, Task> Handle { get; set; } = (_, _) => Task.CompletedTask;

    public static Task<ReceivingApp> Start(WebhookVerifier verifier, WebhookReceiverOptions? options = null, TimeProvider? time = null, string pattern = "/") =>
        Start(_ => new(verifier), options, time, pattern);

    public static async Task<ReceivingApp> Start(Func<HttpContext, ValueTask<WebhookVerifier?>> verifierOf, WebhookReceiverOptions? options = null, TimeProvider? time = null, string pattern = "/")
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port: 0));
        var app = builder.Build();
        ReceivingApp? receiver = null;
        app.UseRouting();
        app.MapWebhook(
            pattern,
            verifierOf,
            async (webhook, http) =>
            {
                receiver!.Received.Enqueue(webhook);
                await receiver.Handle(webhook, http);
            },
            (options ?? new()) with { Time = time ?? new Clock() });
        await app.StartAsync(TestContext.Current.CancellationToken);
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.First()) };
        return receiver = new ReceivingApp(app, client);
    }

    /// <param name="body">Other bytes than those that were signed, with what they are packed by, if anything.</param>
    public async Task<HttpResponseMessage> Send(Sent sent, string pathAndQuery = "", byte[]? body = null, string? packing = "gzip") =>
        await _client.SendAsync(Request(sent, new Uri(Address, "/" + pathAndQuery), body, packing), TestContext.Current.CancellationToken);

    public static HttpRequestMessage Request(Sent sent, Uri url, byte[]? body = null, string? packing = "gzip")
    {
        var request = new HttpRequestMessage(new HttpMethod(sent.Method), url);
        if (sent.Method != "GET" || body is not null)
        {
            request.Content = new ByteArrayContent(body ?? sent.Content);
            if (body is not null && packing is not null)
            {
                request.Content.Headers.ContentEncoding.Add(packing);
            }
        }

        foreach (var (name, value) in sent.Headers.Where(h => !h.Name.StartsWith("Content-", StringComparison.Ordinal)))
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return request;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Sender.SentAt;
    }
}
