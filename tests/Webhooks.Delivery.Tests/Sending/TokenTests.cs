using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Sending;

public class TokenTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private const string Unauthorized = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";

    private readonly WebhookId _webhook = new(Guid.CreateVersion7());

    private OutgoingRequest Request(Receiver receiver, Receiver endpoint, int version = 1) => Request(receiver, endpoint.Url, version);

    private OutgoingRequest Request(Receiver receiver, Uri endpoint, int version = 1) => Sends.Post(receiver.Url, "{}", new("webhook-id", "evt_1"), new("Content-Type", "application/json")) with
    {
        Options = new SendOptions(OAuth: new OAuthCredentials(_webhook, version, endpoint, "the id", "s:e/c%ret", "events.write users", "https://api.example")),
    };

    private static string Json(string json, int status = 200) => $"HTTP/1.1 {status} So\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}";

    /// <summary>Gives token 1, 2, 3 and so on.</summary>
    private static Receiver Endpoint(string expiresIn = "3600")
    {
        var given = 0;
        return Receiver.Answering(_ => Task.FromResult(Json($$"""{"access_token":"token-{{Interlocked.Increment(ref given)}}","token_type":"Bearer","expires_in":{{expiresIn}}}""")));
    }

    private static IEnumerable<string> Tokens(Receiver receiver) => receiver.Requests.Select(r => r.Split("Authorization: Bearer ")[1].Split("\r\n")[0]);

    [Fact]
    public async Task A_token_is_asked_for_as_the_specification_says_and_sent_last_of_the_headers()
    {
        await using var endpoint = Endpoint();
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        Assert.Null((await client.Send(Request(receiver, endpoint))).Failure);

        var credentials = Convert.ToBase64String("the+id:s%3Ae%2Fc%25ret"u8);
        Assert.Equal(
            $"POST /hook HTTP/1.1\r\nHost: {endpoint.Url.Authority}\r\nUser-Agent: Webhooks/1\r\nAccept: application/json\r\nAuthorization: Basic {credentials}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 89\r\n\r\ngrant_type=client_credentials&scope=events.write+users&audience=https%3A%2F%2Fapi.example",
            endpoint.Requests.Single());
        Assert.Equal(
            $"POST /hook HTTP/1.1\r\nHost: {receiver.Url.Authority}\r\nwebhook-id: evt_1\r\nAuthorization: Bearer token-1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}",
            receiver.Requests.Single());
    }

    [Fact]
    public async Task Sixty_four_deliveries_at_once_fetch_one_token()
    {
        var mayAnswer = new TaskCompletionSource<string>();
        await using var endpoint = Receiver.Answering(_ => mayAnswer.Task);
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        var sending = Enumerable.Range(0, 64).Select(_ => client.Send(Request(receiver, endpoint))).ToList();
        mayAnswer.SetResult(Json("""{"access_token":"one"}"""));
        Assert.All(await Task.WhenAll(sending), r => Assert.Null(r.Failure));
        Assert.Single(endpoint.Requests);
        Assert.Equal(64, Tokens(receiver).Count(t => t == "one"));
    }

    [Theory]
    [InlineData("3600", 3569, 3571)]
    [InlineData("\"3600\"", 3569, 3571)]
    [InlineData("20", 14, 16)]
    [InlineData("null", 269, 271)]
    [InlineData("1e300", 86_369, 86_371)]
    [InlineData("-7", 0, 0)]
    public async Task A_token_is_kept_until_shortly_before_it_expires(string expiresIn, int usedAfter, int replacedAfter)
    {
        var clock = new FakeClock();
        await using var endpoint = Endpoint(expiresIn);
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client(clock);
        await client.Send(Request(receiver, endpoint));
        if (usedAfter > 0)
        {
            clock.Advance(TimeSpan.FromSeconds(usedAfter));
            await client.Send(Request(receiver, endpoint));
            Assert.Single(endpoint.Requests);
        }

        clock.Advance(TimeSpan.FromSeconds(replacedAfter - usedAfter));
        await client.Send(Request(receiver, endpoint));
        Assert.Equal(2, endpoint.Requests.Count);
        Assert.Equal("token-2", Tokens(receiver).Last());
    }

    [Fact]
    public async Task Another_version_of_the_webhook_and_another_webhook_have_tokens_of_their_own()
    {
        await using var endpoint = Endpoint();
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        await client.Send(Request(receiver, endpoint));
        await client.Send(Request(receiver, endpoint, version: 2));
        await client.Send(new TokenTests().Request(receiver, endpoint));
        Assert.Equal(["token-1", "token-2", "token-3"], Tokens(receiver));
    }

    [Fact]
    public async Task A_kept_token_that_is_refused_is_replaced_once_and_the_request_goes_again()
    {
        var clock = new FakeClock();
        await using var endpoint = Endpoint();
        var revoked = "none";
        await using var receiver = Receiver.Answering(r => Task.FromResult(r.Contains(revoked, StringComparison.Ordinal) ? Unauthorized : Ok));
        using var client = Sends.Client(clock);
        Assert.Null((await client.Send(Request(receiver, endpoint))).Failure);
        clock.Advance(TimeSpan.FromSeconds(1));
        revoked = "token-1";
        Assert.Equal((200, null), await Outcome(client.Send(Request(receiver, endpoint))));
        Assert.Equal(["token-1", "token-1", "token-2"], Tokens(receiver));
    }

    [Fact]
    public async Task A_receiver_that_refuses_every_token_is_no_reason_to_fetch_many()
    {
        var clock = new FakeClock();
        await using var endpoint = Endpoint();
        await using var receiver = Receiver.Answering(Unauthorized);
        using var client = Sends.Client(clock);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal((401, FailureClass.Status), await Outcome(client.Send(Request(receiver, endpoint))));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        // The first was new, so its refusal stood; the second was tried in its place, and after that none for a minute.
        Assert.Equal(2, endpoint.Requests.Count);
        clock.Advance(TimeSpan.FromMinutes(1));
        await client.Send(Request(receiver, endpoint));
        Assert.Equal(3, endpoint.Requests.Count);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_client","error_description":"hunter2"}""", "The token endpoint answered 400 (invalid_client).")]
    [InlineData(401, """{"error":"hunter2"}""", "The token endpoint answered 401.")]
    [InlineData(500, "hunter2", "The token endpoint answered 500.")]
    [InlineData(302, "", "The token endpoint answered 302.")]
    [InlineData(200, "", "The token endpoint answered without a bearer token.")]
    [InlineData(200, "[]", "The token endpoint answered without a bearer token.")]
    [InlineData(200, """{"access_token":7}""", "The token endpoint answered without a bearer token.")]
    [InlineData(200, """{"access_token":"\ud800"}""", "The token endpoint answered without a bearer token.")]
    [InlineData(400, """{"error":"\ud800"}""", "The token endpoint answered 400.")]
    [InlineData(200, """{"access_token":""}""", "The token endpoint answered without a bearer token.")]
    [InlineData(200, """{"access_token":"a\r\nX-Evil: 1"}""", "The token endpoint answered without a bearer token.")]
    [InlineData(200, """{"access_token":"a","token_type":"mac"}""", "The token endpoint answered without a bearer token.")]
    public async Task A_fault_of_the_token_endpoint_is_told_as_such_and_nothing_is_sent(int status, string answer, string detail)
    {
        await using var endpoint = Receiver.Answering(Json(answer, status));
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        var result = await client.Send(Request(receiver, endpoint));
        Assert.Equal((null, FailureClass.Auth, detail), (result.StatusCode, result.Failure, result.Detail));
        Assert.Empty(receiver.Dialled);
    }

    [Fact]
    public async Task An_answer_of_the_token_endpoint_too_long_to_read_is_no_token()
    {
        await using var endpoint = Receiver.Running(async (stream, ct) =>
        {
            await Receiver.Write(stream, "HTTP/1.1 200 OK\r\n\r\n{\"access_token\":\"", ct);
            while (true)
            {
                await Receiver.Write(stream, new string('a', 4096), ct);
            }
        });
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        Assert.Equal((null, FailureClass.Auth), await Outcome(client.Send(Request(receiver, endpoint))));
    }

    [Fact]
    public async Task A_token_endpoint_at_a_forbidden_address_is_not_dialled()
    {
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client("127.0.0.1");
        var result = await client.Send(Request(receiver, new Uri("http://127.0.0.2:8080/token")));
        Assert.Equal((FailureClass.Auth, "The token endpoint could not be asked (blocked)."), (result.Failure, result.Detail));
        Assert.Empty(receiver.Dialled);
    }

    [Fact]
    public async Task A_failure_is_not_kept()
    {
        var asked = 0;
        await using var endpoint = Receiver.Answering(_ => Task.FromResult(++asked == 1 ? Json("{}", 503) : Json("""{"access_token":"a"}""")));
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        Assert.Equal((null, FailureClass.Auth), await Outcome(client.Send(Request(receiver, endpoint))));
        Assert.Equal((200, null), await Outcome(client.Send(Request(receiver, endpoint))));
    }

    [Fact]
    public async Task A_token_endpoint_that_hangs_costs_no_more_than_the_deadline_of_the_request()
    {
        await using var endpoint = Receiver.Running((_, ct) => Receiver.Forever(ct));
        await using var receiver = Receiver.Answering(Ok);
        using var client = Sends.Client();
        var result = await client.Send(Request(receiver, endpoint) with { Timeout = TimeSpan.FromMilliseconds(100) });
        Assert.Equal((null, FailureClass.Auth), (result.StatusCode, result.Failure));
        Assert.Empty(receiver.Dialled);
    }

    [Fact]
    public void Neither_a_token_nor_the_secret_prints_itself()
    {
        var credentials = new OAuthCredentials(_webhook, 1, new Uri("https://id.example/token"), "id", "hunter2", null, null);
        var printed = $"{credentials} {new SendOptions(OAuth: credentials)} {new AccessToken("hunter2", TimeSpan.Zero, null, null)}";
        Assert.DoesNotContain("hunter2", printed, StringComparison.Ordinal);
    }

    private static async Task<(int?, FailureClass?)> Outcome(Task<SendResult> sending) => ((await sending).StatusCode, (await sending).Failure);
}
