using System.Diagnostics;
using System.Text;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public class WireTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private static async Task<string> OnTheWire(Func<Uri, OutgoingRequest> request)
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        Assert.Null((await client.Send(request(receiver.Url))).Failure);
        return receiver.Requests.Single().Replace(receiver.Url.Authority, "receiver", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_go_out_in_their_order_and_spelling_and_those_of_the_body_last()
    {
        using var activity = new Activity("outer").Start();
        activity.AddBaggage("secret", "x");
        var sent = await OnTheWire(url => Sends.Post(
            url,
            "{\"a\":1}",
            new("content-type", "application/json"),
            new("Streem-Sent-At", "1972-01-01T10:00:20.021Z"),
            new("webhook-id", "evt_1"),
            new("X-cUsTom", " spaced  within "),
            new("user-agent", "Webhooks/0.1"),
            new("aaa", "1"),
            new("Authorization", "Basic abc:==")));
        Assert.Equal(
            "POST /hook HTTP/1.1\r\nHost: receiver\r\nStreem-Sent-At: 1972-01-01T10:00:20.021Z\r\nwebhook-id: evt_1\r\nX-cUsTom:  spaced  within \r\nUser-Agent: Webhooks/0.1\r\naaa: 1\r\nAuthorization: Basic abc:==\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
            sent);
    }

    [Fact]
    public async Task Header_values_are_not_corrected()
    {
        var sent = await OnTheWire(url => Sends.Post(url, "", new("Date", "not a date"), new("Accept", ";;;"), new("Content-Type", "json?"), new("X-Empty", "")));
        Assert.Equal("POST /hook HTTP/1.1\r\nHost: receiver\r\nDate: not a date\r\nAccept: ;;;\r\nX-Empty: \r\nContent-Type: json?\r\nContent-Length: 0\r\n\r\n", sent);
    }

    [Fact]
    public async Task A_get_carries_no_body_and_nothing_that_describes_one()
    {
        var sent = await OnTheWire(url => Sends.Get(new Uri(url, "/hook?x=%2F&y=a+b"), new("Content-Type", "application/json"), new("X-A", "1")));
        Assert.Equal("GET /hook?x=%2F&y=a+b HTTP/1.1\r\nHost: receiver\r\nX-A: 1\r\n\r\n", sent);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task The_method_is_the_one_asked_for(string method) =>
        Assert.StartsWith($"{method} /hook HTTP/1.1\r\n", await OnTheWire(url => Sends.Post(url) with { Method = method }), StringComparison.Ordinal);

    [Fact]
    public async Task The_body_goes_out_byte_for_byte()
    {
        var body = Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7)).ToArray();
        var sent = await OnTheWire(url => new OutgoingRequest(url, "POST", [], body, TimeSpan.FromSeconds(30)));
        Assert.EndsWith("Content-Length: 200000\r\n\r\n" + Encoding.Latin1.GetString(body), sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_name_in_the_url_is_not_turned_into_credentials()
    {
        var sent = await OnTheWire(url => Sends.Get(new Uri(url.ToString().Replace("http://", "http://user:hunter2@", StringComparison.Ordinal))));
        Assert.Equal("GET /hook HTTP/1.1\r\nHost: receiver\r\n\r\n", sent);
    }

    [Fact]
    public async Task Cookies_are_not_returned()
    {
        await using var receiver = Receiver.Answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
        using var client = Sends.Client();
        await client.Send(Sends.Get(receiver.Url));
        await client.Send(Sends.Get(receiver.Url));
        Assert.Equal(receiver.Requests.First(), receiver.Requests.Last());
    }

    [Fact]
    public async Task A_connection_is_used_again()
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        for (var i = 0; i < 20; i++)
        {
            Assert.Null((await client.Send(Sends.Post(receiver.Url))).Failure);
        }

        Assert.Single(receiver.Dialled);
        Assert.Equal(20, receiver.Requests.Count);
    }

    [Fact]
    public async Task A_request_with_a_body_is_never_sent_twice_by_itself()
    {
        // The first request of a connection is answered; the second is read, and the connection closed in its face.
        await using var receiver = Receiver.AnsweringOnce(Ok);
        using var client = Sends.Client();
        Assert.Null((await client.Send(Sends.Post(receiver.Url))).Failure);
        Assert.Equal(FailureClass.Reset, (await client.Send(Sends.Post(receiver.Url))).Failure);
        Assert.Equal(2, receiver.Requests.Count);
    }
}
