using System.Net;
using System.Net.Sockets;
using System.Text;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public class OutcomeTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(204)]
    [InlineData(299)]
    public async Task A_status_in_the_two_hundreds_is_a_success(int status)
    {
        await using var receiver = Receiver.Answering($"HTTP/1.1 {status} Fine\r\nContent-Length: 0\r\n\r\n");
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal((status, null, null), (result.StatusCode, result.Failure, result.Detail));
        Assert.Empty(result.ResponseBody);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(304)]
    [InlineData(400)]
    [InlineData(410)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(999)]
    public async Task Any_other_complete_response_is_a_failure_of_its_status(int status)
    {
        await using var receiver = Receiver.Answering($"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nRetry-After: 7\r\n\r\n");
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal((status, FailureClass.Status), (result.StatusCode, result.Failure));
        Assert.Contains(new Header("Retry-After", "7"), result.ResponseHeaders);
    }

    [Fact]
    public async Task The_body_of_a_failure_is_kept()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\nno thanks");
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal("no thanks", Encoding.ASCII.GetString(result.ResponseBody));
        Assert.False(result.ResponseTruncated);
    }

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: {0}\r\nContent-Length: 0\r\n\r\n", 302)]
    [InlineData("HTTP/1.1 307 Temporary\r\nLocation: {0}\r\nContent-Length: 0\r\n\r\n", 307)]
    [InlineData("HTTP/1.1 308 Permanent\r\nLocation: {0}\r\nContent-Length: 0\r\n\r\n", 308)]
    [InlineData("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", 302)]
    public async Task A_redirect_is_not_followed(string response, int status)
    {
        await using var elsewhere = Receiver.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var receiver = Receiver.Answering(string.Format(response, elsewhere.Url));
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal((status, FailureClass.Status), (result.StatusCode, result.Failure));
        Assert.Empty(elsewhere.Dialled);
    }

    [Fact]
    public async Task A_switch_of_protocols_is_a_failure()
    {
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            await Receiver.Write(stream, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", ct);
            await Receiver.Forever(ct);
        });
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal((101, FailureClass.Status), (result.StatusCode, result.Failure));
    }

    [Fact]
    public async Task A_closed_port_is_no_connection()
    {
        using var closed = new Webhooks.Testing.ClosedPort();
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(closed.Url));
        Assert.Equal((null, FailureClass.Connect), (result.StatusCode, result.Failure));
        Assert.DoesNotContain("127", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", result.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_next_address_is_tried_when_one_does_not_answer()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var client = Sends.ClientResolving(() => [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback], "127.0.0.0/8");
        var result = await client.Send(Sends.Post(new Uri($"http://two.example:{receiver.Port}/")));
        Assert.Null(result.Failure);
    }

    [Theory]
    [InlineData(SocketError.HostNotFound)]
    [InlineData(SocketError.NoData)]
    [InlineData(SocketError.TryAgain)]
    [InlineData(null)]
    public async Task A_name_without_an_address_does_not_resolve(SocketError? error)
    {
        using var client = Sends.ClientResolving(() => error is { } e ? throw new SocketException((int)e) : []);
        var result = await client.Send(Sends.Post(new Uri("http://nowhere.example/")));
        Assert.Equal((null, FailureClass.Dns), (result.StatusCode, result.Failure));
        Assert.DoesNotContain("nowhere", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    [InlineData("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nhalf")]
    public async Task A_connection_closed_too_early_is_broken(string response)
    {
        await using var receiver = Receiver.Running((stream, ct) => Receiver.Write(stream, response, ct));
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal(FailureClass.Reset, result.Failure);
        Assert.Equal(response.Contains("half", StringComparison.Ordinal), result.StatusCode is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")]
    public async Task A_connection_reset_is_broken(string response)
    {
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            await Receiver.Write(stream, response, ct);
            ((NetworkStream)stream).Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        });
        using var client = Sends.Client();
        Assert.Equal(FailureClass.Reset, (await client.Send(Sends.Post(receiver.Url))).Failure);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [InlineData("-ERR unknown command 'POST'\r\n\r\n")]
    [InlineData("HTTP/1.1 abc OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n")]
    public async Task An_answer_that_is_not_http_breaks_the_protocol(string response)
    {
        await using var receiver = Receiver.Answering(response);
        using var client = Sends.Client();
        Assert.Equal(FailureClass.Protocol, (await client.Send(Sends.Post(receiver.Url))).Failure);
    }

    [Fact]
    public async Task A_response_without_a_length_ends_with_the_connection()
    {
        await using var receiver = Receiver.Running((stream, ct) => Receiver.Write(stream, "HTTP/1.1 200 OK\r\n\r\nto the end", ct));
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Null(result.Failure);
        Assert.Equal("to the end", Encoding.ASCII.GetString(result.ResponseBody));
    }

    [Theory]
    [InlineData("Host", "elsewhere.example")]
    [InlineData("content-length", "5")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("connection", "close")]
    [InlineData("Upgrade", "websocket")]
    [InlineData("Expect", "100-continue")]
    [InlineData("X-A", "a\r\nX-B: b")]
    [InlineData("X-A", "a\nX-B: b")]
    [InlineData("X-A", "a\0")]
    [InlineData("X-A", "\u00fc")]
    [InlineData("X A", "a")]
    [InlineData("X-A:", "a")]
    [InlineData("", "a")]
    public async Task A_header_that_cannot_be_sent_is_a_fault_of_ours(string name, string value)
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url, "{}", new Header(name, value)));
        Assert.Equal((null, FailureClass.Internal), (result.StatusCode, result.Failure));
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task Plain_http_is_not_sent_where_tls_is_the_rule()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var client = new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"], HttpsOnly = true }, TimeProvider.System);
        Assert.Equal(FailureClass.Blocked, (await client.Send(Sends.Post(receiver.Url))).Failure);
        Assert.Empty(receiver.Dialled);
    }
}
