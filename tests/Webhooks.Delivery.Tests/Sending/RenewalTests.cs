using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

/// <summary>Requests whose signature is made when they are written.</summary>
public class RenewalTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    /// <summary>A request that says of the how manieth making it is; the body grows with each.</summary>
    private static OutgoingRequest Counting(Uri url, string method = "POST", int length = 3)
    {
        var making = 0;
        OutgoingRequest Make() => new(
            url, method, [new("User-Agent", "Webhooks/1"), new("X-Before", "b"), new("X-Making", $"{making}:{new string('x', length)}"), new("X-After", "a"), new("Content-Type", "text/plain")],
            method == "GET" ? null : (ReadOnlyMemory<byte>?)Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789", making + 1))), TimeSpan.FromSeconds(30));
        return Make() with
        {
            Renew = () =>
            {
                making++;
                return Make();
            },
        };
    }

    [Fact]
    public async Task What_changes_stands_where_it_stood_and_the_rest_is_as_it_was()
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        Assert.Null((await client.Send(Counting(receiver.Url))).Failure);
        Assert.Equal(
            $"POST /hook HTTP/1.1\r\nHost: {receiver.Url.Authority}\r\nUser-Agent: Webhooks/1\r\nX-Before: b\r\nX-Making: 1:xxx\r\nX-After: a\r\nContent-Type: text/plain\r\nContent-Length: 20\r\n\r\n01234567890123456789",
            receiver.Requests.Single());
    }

    [Fact]
    public async Task A_request_without_a_body_is_made_anew_too()
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        Assert.Null((await client.Send(Counting(receiver.Url, "GET"))).Failure);
        Assert.Equal($"GET /hook HTTP/1.1\r\nHost: {receiver.Url.Authority}\r\nUser-Agent: Webhooks/1\r\nX-Before: b\r\nX-Making: 1:xxx\r\nX-After: a\r\n\r\n", receiver.Requests.Single());
    }

    [Fact]
    public async Task A_token_that_was_added_meanwhile_stays()
    {
        await using var receiver = Receiver.Answering(request => Task.FromResult(request.StartsWith("POST /token", StringComparison.Ordinal)
            ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 39\r\n\r\n{\"access_token\":\"t0\",\"expires_in\":3600}"
            : Ok));
        using var client = Sends.Client();
        var oauth = new OAuthCredentials(new WebhookId(Guid.CreateVersion7()), 1, new Uri(receiver.Url, "/token"), "id", "secret", null, null);
        Assert.Null((await client.Send(Counting(receiver.Url) with { Options = new SendOptions(OAuth: oauth) })).Failure);
        Assert.Contains("X-Making: 1:xxx\r\nX-After: a\r\nAuthorization: Bearer t0\r\nContent-Type", receiver.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_longer_than_what_the_client_buffers_is_written_whole()
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        Assert.Null((await client.Send(Counting(receiver.Url, length: 20_000))).Failure);
        Assert.Contains($"X-Making: 1:{new string('x', 20_000)}\r\nX-After: a\r\n", receiver.Requests.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_still_good_goes_as_it_is()
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        var request = Counting(receiver.Url);
        Assert.Null((await client.Send(request with { Renew = () => null })).Failure);
        Assert.Contains("X-Making: 0:xxx\r\n", receiver.Requests.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_made_when_the_connection_is_there()
    {
        var (asked, found) = (new TaskCompletionSource(), new TaskCompletionSource<IPAddress[]>());
        await using var receiver = Receiver.Answering(Ok);
        using var client = new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System, (_, _) =>
        {
            asked.SetResult();
            return found.Task;
        });
        var isFound = false;
        var request = Sends.Post(new Uri($"http://receiver.example:{receiver.Port}/"), "{}", new Header("X-Found", "no"));
        var sending = client.Send(request with { Renew = () => request with { Headers = [new("X-Found", isFound ? "yes" : "no")] } });
        await asked.Task;
        isFound = true;
        found.SetResult([IPAddress.Loopback]);
        Assert.Null((await sending).Failure);
        Assert.Contains("X-Found: yes\r\n", receiver.Requests.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_writing_has_a_making_of_its_own()
    {
        // The connection is closed in the face of the second request, which has no body and so goes again by itself.
        await using var receiver = Receiver.AnsweringOnce(Ok);
        using var client = Sends.Client();
        Assert.Null((await client.Send(Sends.Get(receiver.Url))).Failure);
        Assert.Null((await client.Send(Counting(receiver.Url, "GET"))).Failure);
        Assert.Equal(["1", "2"], receiver.Requests.Skip(1).Select(r => r.Split("X-Making: ")[1][..1]));
    }

    [Fact]
    public async Task A_compressed_body_may_come_to_another_length()
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        var request = Sends.Post(receiver.Url, "short", new("User-Agent", "Webhooks/1"), new("Content-Encoding", "gzip")) with { Options = new SendOptions(Gzip: true) };
        var renewed = string.Join(' ', Enumerable.Range(0, 500));
        Assert.Null((await client.Send(request with { Renew = () => request with { Body = Encoding.ASCII.GetBytes(renewed) } })).Failure);
        var sent = receiver.Requests.Single();
        await using var unpacked = new GZipStream(new MemoryStream(Encoding.Latin1.GetBytes(sent[(sent.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])), CompressionMode.Decompress);
        using var text = new StreamReader(unpacked);
        Assert.Equal(renewed, await text.ReadToEndAsync());
    }

    [Fact]
    public async Task Over_http_2_it_is_the_same()
    {
        using var certificates = new Certificates();
        using var certificate = certificates.Server("receiver.example");
        await using var server = await TlsServer.Start(
            certificate,
            async http => await http.Response.WriteAsync($"{http.Request.Protocol} {http.Request.Headers["x-making"]} {http.Request.Headers["x-after"]} {http.Request.ContentLength} {await new StreamReader(http.Request.Body).ReadToEndAsync()}"),
            HttpProtocols.Http2);
        using var client = new EgressClient(
            new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), certificates.Roots);
        var result = await client.Send(Counting(new Uri($"https://receiver.example:{server.Port}/")) with { Options = new SendOptions(Http2: true) });
        Assert.Equal("HTTP/2 1:xxx a 20 01234567890123456789", Encoding.ASCII.GetString(result.ResponseBody));
    }
}
