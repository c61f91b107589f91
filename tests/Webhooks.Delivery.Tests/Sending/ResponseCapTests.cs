using System.IO.Compression;
using System.Text;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public class ResponseCapTests
{
    private static EgressClient Client(int stored, int read) =>
        new(new EgressOptions { AllowNetworks = ["127.0.0.0/8"], MaxStoredResponseBytes = stored, MaxReadResponseBytes = read }, TimeProvider.System);

    private static string Digits(int length) => string.Concat(Enumerable.Range(0, length).Select(i => (char)('0' + (i % 10))));

    [Theory]
    [InlineData(100, 100, 0, false)]
    [InlineData(100, 100, 99, false)]
    [InlineData(100, 100, 100, false)]
    [InlineData(100, 100, 101, true)]
    [InlineData(100, 1000, 101, true)]
    [InlineData(100, 1000, 1000, true)]
    [InlineData(100, 1000, 5000, true)]
    [InlineData(0, 0, 0, false)]
    [InlineData(0, 0, 1, true)]
    [InlineData(0, 1000, 1000, true)]
    [InlineData(10_000, 1_000_000, 900_000, true)]
    [InlineData(1_000_000, 1_000_000, 900_000, false)]
    public async Task The_first_bytes_are_kept_and_the_rest_is_said_to_be_missing(int stored, int read, int length, bool truncated)
    {
        var body = Digits(length);
        await using var receiver = Receiver.Answering($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
        using var client = Client(stored, read);
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal((200, null, truncated), (result.StatusCode, result.Failure, result.ResponseTruncated));
        Assert.Equal(body[..Math.Min(stored, length)], Encoding.ASCII.GetString(result.ResponseBody));
    }

    [Fact]
    public async Task A_body_without_end_is_cut_off_and_the_status_counts()
    {
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            await Receiver.Write(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ct);
            while (true)
            {
                await Receiver.Write(stream, "400\r\n" + new string('x', 1024) + "\r\n", ct);
            }
        });
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal((200, null, true, 16 * 1024), (result.StatusCode, result.Failure, result.ResponseTruncated, result.ResponseBody.Length));
    }

    [Fact]
    public async Task A_connection_is_kept_after_a_body_read_to_its_end()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + Digits(200));
        using var client = Client(stored: 100, read: 1000);
        for (var i = 0; i < 5; i++)
        {
            await client.Send(Sends.Post(receiver.Url));
        }

        Assert.Single(receiver.Dialled);
        Assert.Equal(5, receiver.Requests.Count);
    }

    [Fact]
    public async Task A_connection_is_dropped_with_the_rest_of_a_body_too_long()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + Digits(200_000));
        using var client = Client(stored: 100, read: 1000);
        await client.Send(Sends.Post(receiver.Url));
        await client.Send(Sends.Post(receiver.Url));
        Assert.Equal(2, receiver.Dialled.Count);
    }

    [Fact]
    public async Task A_compressed_bomb_is_kept_as_it_came()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[8 * 1024 * 1024]);
        }

        await using var receiver = Receiver.Answering($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n{Encoding.Latin1.GetString(packed.ToArray())}");
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal(packed.ToArray()[..Math.Min(16 * 1024, (int)packed.Length)], result.ResponseBody);
        Assert.Contains(new Header("Content-Encoding", "gzip"), result.ResponseHeaders);
    }

    [Fact]
    public async Task One_huge_header_is_too_large()
    {
        await using var receiver = Receiver.Running((stream, ct) => Receiver.Write(stream, $"HTTP/1.1 200 OK\r\nX-Huge: {new string('x', 1024 * 1024)}\r\n\r\n", ct));
        using var client = Sends.Client();
        Assert.Equal((null, FailureClass.ResponseTooLarge), await Outcome(client, receiver));
    }

    [Fact]
    public async Task Headers_without_end_are_too_large()
    {
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            await Receiver.Write(stream, "HTTP/1.1 200 OK\r\n", ct);
            for (var i = 0; ; i++)
            {
                await Receiver.Write(stream, $"X-{i}: x\r\n", ct);
            }
        });
        using var client = Sends.Client();
        Assert.Equal((null, FailureClass.ResponseTooLarge), await Outcome(client, receiver));
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")]
    public async Task Interim_responses_without_end_are_too_large(string interim)
    {
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            while (true)
            {
                await Receiver.Write(stream, interim, ct);
            }
        });
        using var client = Sends.Client();
        Assert.Equal((null, FailureClass.ResponseTooLarge), await Outcome(client, receiver));
    }

    [Fact]
    public async Task A_few_interim_responses_do_no_harm()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var client = Sends.Client();
        Assert.Equal((200, null), await Outcome(client, receiver));
    }

    [Fact]
    public async Task At_most_sixty_four_headers_are_kept()
    {
        await using var receiver = Receiver.Answering($"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{string.Concat(Enumerable.Range(0, 100).Select(i => $"X-{i}: {i}\r\n"))}\r\n");
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        Assert.Equal(64, result.ResponseHeaders.Length);
        Assert.Equal(new Header("X-63", "63"), result.ResponseHeaders[63]);
    }

    [Fact]
    public async Task At_most_four_kilobytes_of_headers_are_kept()
    {
        var thousand = new string('x', 1000);
        await using var receiver = Receiver.Answering($"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{string.Concat(Enumerable.Range(0, 9).Select(i => $"X-{i}: {thousand}\r\n"))}\r\n");
        using var client = Sends.Client();
        Assert.Equal(4, (await client.Send(Sends.Post(receiver.Url))).ResponseHeaders.Length);
    }

    [Fact]
    public async Task Headers_are_kept_without_credentials_and_in_printable_characters()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nset-cookie: session=hunter2\r\nset-cookie: other=hunter3\r\nX-Name: f\u00fcr \u009b31m\r\nX-Plain: yes\r\n\r\n");
        using var client = Sends.Client();
        var headers = (await client.Send(Sends.Post(receiver.Url))).ResponseHeaders;
        Assert.DoesNotContain(headers, header => header.Value.Contains("hunter", StringComparison.Ordinal));
        Assert.Contains(new Header("Set-Cookie", "[redacted]"), headers);
        Assert.Contains(new Header("X-Name", "f?r ?31m"), headers);
        Assert.Contains(new Header("X-Plain", "yes"), headers);
    }

    [Fact]
    public async Task A_reason_of_strange_bytes_does_no_harm()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 200 \u00ff\u00fe\r\nContent-Length: 0\r\n\r\n");
        using var client = Sends.Client();
        Assert.Equal((200, null), await Outcome(client, receiver));
    }

    private static async Task<(int?, FailureClass?)> Outcome(EgressClient client, Receiver receiver)
    {
        var result = await client.Send(Sends.Post(receiver.Url));
        return (result.StatusCode, result.Failure);
    }
}
