using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;

namespace Webhooks.Delivery.Tests.Sending;

/// <summary>Receivers that mean harm: each costs its deadline at most, and a bounded piece of memory.</summary>
public class HostileTests
{
    /// <summary>Far beyond what is read and what sockets buffer, far below what is promised.</summary>
    private const long FewBytes = 32 * 1024 * 1024;

    [Theory]
    [InlineData("", "HTTP/1.1 200 OK\r\nX-Slow: ")]
    [InlineData("HTTP/1.1 200 OK\r\n", "x")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "x")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "x")]
    public async Task One_that_drips_its_answer_is_left_at_the_deadline(string first, string drop)
    {
        var time = new TimeByHand();
        var dripping = new TaskCompletionSource();
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            await Receiver.Write(stream, first, ct);
            foreach (var one in drop)
            {
                await Receiver.Write(stream, one.ToString(), ct);
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
    public async Task One_that_greets_for_ever_and_never_answers_is_left_at_the_deadline()
    {
        var time = new TimeByHand();
        var greeted = new TaskCompletionSource();
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            for (var i = 0; i < 10; i++)
            {
                await Receiver.Write(stream, "HTTP/1.1 102 Processing\r\n\r\n", ct);
            }

            greeted.SetResult();
            await Receiver.Forever(ct);
        });
        using var client = Sends.Client(time);
        var sending = client.Send(Sends.Post(receiver.Url));
        await greeted.Task;
        time.PassDeadlines();
        Assert.Equal((null, FailureClass.Timeout), ((await sending).StatusCode, (await sending).Failure));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n", "", null, 200)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", "", null, 200)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n280000000\r\n", "", null, 200)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10737418240\r\n\r\n\u001f\u008b", "", null, 200)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "", FailureClass.Protocol, 200)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: x\r\n", FailureClass.ResponseTooLarge, 200)]
    [InlineData("HTTP/1.1 200 OK\r\n", "X: x\r\n", FailureClass.ResponseTooLarge, null)]
    [InlineData("", "HTTP/1.1 103 Early\r\nX: x\r\n\r\n", FailureClass.ResponseTooLarge, null)]
    [InlineData("", "x", FailureClass.ResponseTooLarge, null)]
    [InlineData("HTTP/1.1 200 ", "x", FailureClass.ResponseTooLarge, null)]
    public async Task One_that_sends_without_end_is_hung_up_on(string first, string again, FailureClass? failure, int? status)
    {
        var sent = 0L;
        var hungUp = new TaskCompletionSource();
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            try
            {
                await Receiver.Write(stream, first, ct);
                var block = string.Concat(Enumerable.Repeat(again.Length > 0 ? again : "x", 4096));
                while (sent < FewBytes)
                {
                    await Receiver.Write(stream, block, ct);
                    sent += block.Length;
                }
            }
            finally
            {
                hungUp.SetResult();
            }
        });
        using var client = Sends.Client();
        var result = await client.Send(Sends.Post(receiver.Url));
        await hungUp.Task;
        Assert.Equal((status, failure), (result.StatusCode, result.Failure));
        Assert.True(result.ResponseBody.Length <= new EgressOptions().MaxStoredResponseBytes);
        Assert.True(sent < FewBytes, "It was hung up on before it had sent much.");
    }

    [Fact]
    public async Task Garbage_of_any_kind_ends_as_an_outcome()
    {
        var random = new Random(7);
        await using var receiver = Receiver.Running(async (stream, ct) =>
        {
            var garbage = new byte[random.Next(1, 3000)];
            random.NextBytes(garbage);
            if (random.Next(2) == 0)
            {
                await Receiver.Write(stream, "HTTP/1.1 200 OK\r\n", ct);
            }

            await stream.WriteAsync(garbage, ct);
        });
        using var client = Sends.Client();
        for (var i = 0; i < 300; i++)
        {
            var result = await client.Send(Sends.Post(receiver.Url));
            // Behind a good first line, a line feed ends the head, and the rest is a body like any other.
            Assert.True(result is { Failure: FailureClass.Protocol or FailureClass.Reset or FailureClass.ResponseTooLarge } or { Failure: null, StatusCode: 200 }, $"{result}");
        }
    }
}
