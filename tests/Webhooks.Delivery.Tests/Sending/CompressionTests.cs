using System.IO.Compression;
using System.Text;
using Webhooks.Delivery.Sending;

namespace Webhooks.Delivery.Tests.Sending;

public class CompressionTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("{\"long\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}")]
    public async Task A_compressed_body_is_the_body_once_it_is_unpacked(string body)
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        var request = Sends.Post(receiver.Url, body, new("Content-Encoding", "gzip"), new("Content-Type", "application/json")) with { Options = new SendOptions(Gzip: true) };
        Assert.Null((await client.Send(request)).Failure);

        var sent = receiver.Requests.Single();
        var end = sent.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: ", sent[..end], StringComparison.Ordinal);
        await using var unpacked = new GZipStream(new MemoryStream(Encoding.Latin1.GetBytes(sent[(end + 4)..])), CompressionMode.Decompress);
        using var text = new StreamReader(unpacked);
        Assert.Equal(body, await text.ReadToEndAsync());
    }

    [Fact]
    public async Task No_answer_is_asked_to_be_compressed()
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        await client.Send(Sends.Post(receiver.Url) with { Options = new SendOptions(Gzip: true) });
        Assert.DoesNotContain("accept-encoding", receiver.Requests.Single(), StringComparison.OrdinalIgnoreCase);
    }
}
