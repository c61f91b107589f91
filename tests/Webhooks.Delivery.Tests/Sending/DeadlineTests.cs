using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

public class DeadlineTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("HTTP/1.1 200 OK\r\nX-Slow", null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", 200)]
    [InlineData("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", 500)]
    public async Task Whatever_is_missing_at_the_deadline_is_a_timeout(string sofar, int? status)
    {
        var time = new TimeByHand();
        var stuck = new TaskCompletionSource();
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            await Receiver.Write(stream, sofar, ct);
            stuck.SetResult();
            await Receiver.Forever(ct);
        });
        using var client = Sends.Client(time);
        var sending = client.Send(Sends.Post(receiver.Url));
        await stuck.Task;
        time.PassDeadlines();
        var result = await sending;
        Assert.Equal(FailureClass.Timeout, result.Failure);
        // Whether the head was read before the deadline is a race when it came; it cannot have been when it did not.
        Assert.True(result.StatusCode is null || result.StatusCode == status);
    }

    [Fact]
    public async Task A_body_that_drips_runs_into_the_deadline()
    {
        var time = new TimeByHand();
        var dripping = new TaskCompletionSource();
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            await Receiver.Write(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", ct);
            for (var sent = 0; sent < 100; sent++)
            {
                await Receiver.Write(stream, "x", ct);
            }

            dripping.SetResult();
            await Receiver.Forever(ct);
        });
        using var client = Sends.Client(time);
        var sending = client.Send(Sends.Post(receiver.Url));
        await dripping.Task;
        time.PassDeadlines();
        Assert.Equal(FailureClass.Timeout, (await sending).Failure);
    }

    [Fact]
    public async Task A_tls_handshake_that_stalls_runs_into_the_deadline()
    {
        var time = new TimeByHand();
        var greeted = new TaskCompletionSource();
        await using var receiver = Receiver.Raw(async (stream, ct) =>
        {
            _ = await stream.ReadAsync(new byte[1], ct);
            greeted.SetResult();
            await Receiver.Forever(ct);
        });
        using var client = Sends.Client(time);
        var sending = client.Send(Sends.Post(new Uri($"https://127.0.0.1:{receiver.Port}/")));
        await greeted.Task;
        time.PassDeadlines();
        Assert.Equal((null, FailureClass.Timeout), ((await sending).StatusCode, (await sending).Failure));
    }

    [Fact]
    public async Task A_name_service_that_stalls_runs_into_the_deadline()
    {
        var time = new TimeByHand();
        var asked = new TaskCompletionSource();
        using var client = new EgressClient(new EgressOptions(), time, async (_, ct) =>
        {
            asked.SetResult();
            await Receiver.Forever(ct);
            return [];
        });
        var sending = client.Send(Sends.Post(new Uri("http://slow.example/")));
        await asked.Task;
        time.PassDeadlines();
        Assert.Equal((null, FailureClass.Timeout), ((await sending).StatusCode, (await sending).Failure));
    }

    [Fact]
    public async Task The_deadline_follows_the_request()
    {
        await using var receiver = Receiver.Running((_, ct) => Receiver.Forever(ct));
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url) with { Timeout = TimeSpan.FromMilliseconds(100) });
        Assert.Equal(FailureClass.Timeout, result.Failure);
    }

    [Fact]
    public async Task Only_the_caller_s_cancellation_throws()
    {
        using var stop = new CancellationTokenSource();
        var asked = new TaskCompletionSource();
        await using var receiver = Receiver.Running(async (_, ct) =>
        {
            asked.SetResult();
            await Receiver.Forever(ct);
        });
        using var client = Sends.Client();
        var sending = client.Send(Sends.Post(receiver.Url), stop.Token);
        await asked.Task;
        await stop.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(stop.Token, thrown.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Send(Sends.Post(receiver.Url), stop.Token));
        Assert.Single(receiver.Requests);
    }
}
