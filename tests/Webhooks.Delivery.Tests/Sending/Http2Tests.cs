using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public sealed class Http2Tests : IDisposable
{
    private const string Name = "receiver.example";
    private readonly Certificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    private EgressClient Client(TimeProvider? time = null) =>
        new(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, time ?? TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), _certificates.Roots);

    private static OutgoingRequest Request(TlsServer server, bool http2 = true, string scheme = "https") =>
        Sends.Post(new Uri($"{scheme}://{Name}:{server.Port}/"), "{}", new Header("X-Mixed-Case", "1")) with { Options = new SendOptions(Http2: http2) };

    [Theory]
    [InlineData(true, HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [InlineData(true, HttpProtocols.Http2, "HTTP/2")]
    [InlineData(true, HttpProtocols.Http1, "HTTP/1.1")]
    [InlineData(false, HttpProtocols.Http1AndHttp2, "HTTP/1.1")]
    public async Task The_receiver_agrees_to_http_2_or_gets_1_1(bool http2, HttpProtocols protocols, string spoken)
    {
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, http => http.Response.WriteAsync($"{http.Request.Protocol} {http.Request.Headers["x-mixed-case"]}"), protocols);
        using var client = Client();
        var result = await client.Send(Request(server, http2));
        Assert.Equal((200, null, $"{spoken} 1"), (result.StatusCode, result.Failure, System.Text.Encoding.ASCII.GetString(result.ResponseBody)));
    }

    [Fact]
    public async Task Without_tls_there_is_no_agreement_and_so_1_1()
    {
        await using var server = await TlsServer.Start(null, http => http.Response.WriteAsync(http.Request.Protocol), HttpProtocols.Http1);
        using var client = Client();
        Assert.Equal("HTTP/1.1"u8.ToArray(), (await client.Send(Request(server, scheme: "http"))).ResponseBody);
    }

    [Fact]
    public async Task Requests_share_one_connection()
    {
        var connections = new ConcurrentBag<string>();
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, http =>
        {
            connections.Add(http.Connection.Id);
            return Task.CompletedTask;
        });
        using var client = Client();
        Assert.Null((await client.Send(Request(server))).Failure);
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.Send(Request(server))));
        Assert.All(results, r => Assert.Null(r.Failure));
        Assert.Equal(51, connections.Count);
        Assert.Single(connections.Distinct());
    }

    [Theory]
    [InlineData(0x2)]
    [InlineData(0x8)]
    [InlineData(0xb)]
    public async Task A_stream_that_the_receiver_gives_up_is_broken(int code)
    {
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, http =>
        {
            http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(code);
            return Task.CompletedTask;
        });
        using var client = Client();
        Assert.Equal(FailureClass.Reset, (await client.Send(Request(server))).Failure);
    }

    [Fact]
    public async Task Headers_beyond_the_cap_are_too_large_here_too()
    {
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, http =>
        {
            for (var i = 0; i < 40; i++)
            {
                http.Response.Headers[$"X-{i}"] = new string('x', 1000);
            }

            return Task.CompletedTask;
        });
        using var client = Client();
        Assert.Equal(FailureClass.ResponseTooLarge, (await client.Send(Request(server))).Failure);
    }

    [Fact]
    public async Task A_body_without_end_is_cut_off()
    {
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, async http =>
        {
            var block = new byte[64 * 1024];
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(block, http.RequestAborted);
            }
        });
        using var client = Client();
        var result = await client.Send(Request(server));
        Assert.Equal((200, null, true), (result.StatusCode, result.Failure, result.ResponseTruncated));
    }

    [Fact]
    public async Task A_response_that_does_not_come_runs_into_the_deadline()
    {
        var time = new TimeByHand();
        var asked = new TaskCompletionSource();
        using var certificate = _certificates.Server(Name);
        await using var server = await TlsServer.Start(certificate, async http =>
        {
            asked.SetResult();
            await Receiver.Forever(http.RequestAborted);
        });
        using var client = Client(time);
        var sending = client.Send(Request(server));
        await asked.Task;
        time.PassDeadlines();
        Assert.Equal(FailureClass.Timeout, (await sending).Failure);
    }
}
