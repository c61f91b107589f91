using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public sealed class ProxyTests : IDisposable
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private static readonly IPAddress Public = IPAddress.Parse("8.8.8.8");
    private readonly Certificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    private EgressClient Client(int port, Func<IPAddress[]>? addresses = null, string user = "", TimeProvider? time = null) => new(
        new EgressOptions { Proxy = $"http://{user}127.0.0.1:{port}" }, time ?? TimeProvider.System, (_, _) => Task.FromResult(addresses?.Invoke() ?? [Public]), _certificates.Roots);

    private static OutgoingRequest To(int port, string scheme = "http") => Sends.Post(new Uri($"{scheme}://receiver.example:{port}/hook"));

    [Fact]
    public async Task Plain_http_goes_by_the_judged_address_and_tells_the_receiver_its_name()
    {
        await using var receiver = Receiver.Answering(Ok);
        await using var proxy = ConnectProxy.Open();
        using var client = Client(proxy.Port);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null((await client.Send(To(receiver.Port))).Failure);
        }

        Assert.Equal([$"CONNECT 8.8.8.8:{receiver.Port} HTTP/1.1\r\nHost: 8.8.8.8:{receiver.Port}\r\n\r\n"], proxy.Asked);
        Assert.Equal(3, receiver.Requests.Count);
        Assert.StartsWith($"POST /hook HTTP/1.1\r\nHost: receiver.example:{receiver.Port}\r\n", receiver.Requests.First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "HTTP/1.1")]
    [InlineData(true, "HTTP/2")]
    public async Task The_handshake_is_with_the_receiver_by_its_name(bool http2, string spoken)
    {
        using var certificate = _certificates.Server("receiver.example");
        await using var server = await TlsServer.Start(certificate, http => http.Response.WriteAsync($"{http.Request.Protocol} {http.Request.Host.Host}"));
        await using var proxy = ConnectProxy.Open();
        using var client = Client(proxy.Port, () => [IPAddress.Parse("2606:4700::1111")]);
        var result = await client.Send(To(server.Port, "https") with { Options = new SendOptions(Http2: http2) });
        Assert.Equal((200, $"{spoken} receiver.example"), (result.StatusCode, Encoding.ASCII.GetString(result.ResponseBody)));
        Assert.StartsWith($"CONNECT [2606:4700::1111]:{server.Port} HTTP/1.1\r\n", proxy.Asked.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_refused_through_the_proxy_too()
    {
        using var certificate = _certificates.Server("other.example");
        await using var server = await TlsServer.Start(certificate, _ => Task.CompletedTask);
        await using var proxy = ConnectProxy.Open();
        using var client = Client(proxy.Port);
        Assert.Equal(FailureClass.Tls, (await client.Send(To(server.Port, "https"))).Failure);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("fd00:ec2::254")]
    public async Task The_proxy_is_never_asked_for_a_forbidden_address(string address)
    {
        await using var proxy = ConnectProxy.Open();
        using var client = Client(proxy.Port, () => [IPAddress.Parse(address)]);
        Assert.Equal(FailureClass.Blocked, (await client.Send(To(8080))).Failure);
        Assert.Empty(proxy.Asked);
    }

    [Fact]
    public async Task A_name_that_changes_its_address_never_leads_to_the_forbidden_one()
    {
        var asked = 0;
        await using var receiver = Receiver.Answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        await using var proxy = ConnectProxy.Open();
        using var client = Client(proxy.Port, () => [Interlocked.Increment(ref asked) % 2 == 0 ? IPAddress.Loopback : Public]);
        for (var i = 0; i < 1000; i++)
        {
            var result = await client.Send(To(receiver.Port));
            Assert.True(result.Failure is null or FailureClass.Blocked);
        }

        Assert.Equal(500, proxy.Asked.Count);
        Assert.All(proxy.Asked, head => Assert.StartsWith("CONNECT 8.8.8.8:", head, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_proxy_is_told_its_credentials_and_the_receiver_is_not()
    {
        await using var receiver = Receiver.Answering(Ok);
        await using var proxy = ConnectProxy.Open();
        using var client = Client(proxy.Port, user: "us%40er:p%3Ass@");
        Assert.Null((await client.Send(To(receiver.Port))).Failure);
        Assert.Contains($"\r\nProxy-Authorization: Basic {Convert.ToBase64String("us@er:p:ss"u8)}\r\n", proxy.Asked.Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("Proxy-", receiver.Requests.Single(), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 9\r\n\r\nhunter2!!", "This installation's proxy answered 407.")]
    [InlineData("HTTP/1.1 403 Forbidden\r\n\r\n", "This installation's proxy answered 403.")]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\n\r\n", "This installation's proxy answered 502.")]
    [InlineData("HTTP/1.1 301 Elsewhere\r\nLocation: http://10.0.0.1/\r\n\r\n", "This installation's proxy answered 301.")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n", "This installation's proxy did not answer as a proxy does.")]
    [InlineData("HTTP/1.1 103 Early\r\n\r\n", "This installation's proxy did not answer as a proxy does.")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "This installation's proxy did not answer as a proxy does.")]
    [InlineData("", "This installation's proxy did not answer as a proxy does.")]
    public async Task What_the_proxy_does_wrong_is_its_own_fault(string answer, string detail)
    {
        await using var proxy = ConnectProxy.Answering(_ => answer);
        using var client = Client(proxy.Port);
        var result = await client.Send(To(8080));
        Assert.Equal((null, FailureClass.Proxy, detail), (result.StatusCode, result.Failure, result.Detail));
    }

    [Fact]
    public async Task A_head_of_the_proxy_s_without_end_is_its_own_fault()
    {
        await using var proxy = ConnectProxy.Answering(_ => $"HTTP/1.1 200 OK\r\nX-Huge: {new string('x', 100_000)}");
        using var client = Client(proxy.Port);
        Assert.Equal(FailureClass.Proxy, (await client.Send(To(8080))).Failure);
    }

    [Fact]
    public async Task A_proxy_that_does_not_listen_is_not_the_receiver_s_fault()
    {
        using var closed = new Webhooks.Testing.ClosedPort();
        using var client = Client(closed.Port);
        Assert.Equal((FailureClass.Proxy, "This installation's proxy could not be reached."), await Told(client.Send(To(8080))));
    }

    [Fact]
    public async Task A_proxy_that_does_not_answer_by_the_deadline_is_not_the_receiver_s_fault()
    {
        var time = new TimeByHand();
        var asked = new TaskCompletionSource();
        await using var proxy = Receiver.Raw(async (stream, ct) =>
        {
            _ = await stream.ReadAsync(new byte[1], ct);
            asked.SetResult();
            await Receiver.Forever(ct);
        });
        using var client = Client(proxy.Port, time: time);
        var sending = client.Send(To(8080));
        await asked.Task;
        time.PassDeadlines();
        Assert.Equal(FailureClass.Proxy, (await sending).Failure);
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_through_the_proxy_is_at_fault_itself()
    {
        var time = new TimeByHand();
        var asked = new TaskCompletionSource();
        await using var receiver = Receiver.Running(async (_, ct) =>
        {
            asked.SetResult();
            await Receiver.Forever(ct);
        });
        await using var proxy = ConnectProxy.Open();
        using var client = Client(proxy.Port, time: time);
        var sending = client.Send(To(receiver.Port));
        await asked.Task;
        time.PassDeadlines();
        Assert.Equal(FailureClass.Timeout, (await sending).Failure);
    }

    [Fact]
    public async Task A_502_of_the_receiver_s_own_is_its_status()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n");
        await using var proxy = ConnectProxy.Open();
        using var client = Client(proxy.Port);
        var result = await client.Send(To(receiver.Port));
        Assert.Equal((502, FailureClass.Status), (result.StatusCode, result.Failure));
    }

    [Fact]
    public async Task The_next_address_is_tried_when_the_proxy_cannot_reach_one()
    {
        await using var receiver = Receiver.Answering(Ok);
        await using var proxy = ConnectProxy.Answering(head => head.Contains("8.8.8.8", StringComparison.Ordinal) ? "HTTP/1.1 504 No\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n");
        using var client = Client(proxy.Port, () => [Public, IPAddress.Parse("8.8.4.4")]);
        Assert.Null((await client.Send(To(receiver.Port))).Failure);
        Assert.Equal(2, proxy.Asked.Count);
    }

    [Fact]
    public async Task A_token_endpoint_behind_a_broken_proxy_is_not_at_fault()
    {
        await using var proxy = ConnectProxy.Answering(_ => "HTTP/1.1 407 No\r\n\r\n");
        using var client = Client(proxy.Port);
        var credentials = new OAuthCredentials(new Domain.WebhookId(Guid.CreateVersion7()), 1, new Uri("http://id.example/token"), "id", "secret", null, null);
        Assert.Equal((FailureClass.Proxy, "This installation's proxy answered 407."), await Told(client.Send(To(8080) with { Options = new SendOptions(OAuth: credentials) })));
    }

    [Theory]
    [InlineData("http://proxy.example:3128", true)]
    [InlineData("http://user:pass@10.0.0.1:3128/", true)]
    [InlineData("http://[::1]:3128", true)]
    [InlineData("", true)]
    [InlineData("https://proxy.example:3128", false)]
    [InlineData("socks5://proxy.example:1080", false)]
    [InlineData("proxy.example:3128", false)]
    [InlineData("http://proxy.example:3128/path", false)]
    public void The_setting_is_an_address_of_a_proxy(string setting, bool valid)
    {
        var options = new EgressOptions { Proxy = setting };
        if (valid)
        {
            new EgressClient(options, TimeProvider.System).Dispose();
            return;
        }

        var problem = Assert.Throws<System.ComponentModel.DataAnnotations.ValidationException>(() => new EgressClient(options, TimeProvider.System)).Message;
        Assert.StartsWith("Proxy: must be http://", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("proxy.example", problem, StringComparison.Ordinal);
    }

    private static async Task<(FailureClass?, string?)> Told(Task<SendResult> sending) => ((await sending).Failure, (await sending).Detail);
}
