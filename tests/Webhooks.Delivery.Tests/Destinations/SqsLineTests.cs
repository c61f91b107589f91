using System.Text;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Destinations.Aws;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Which messages to one queue go when, and which go together.</summary>
public sealed class SqsLineTests
{
    private readonly FakeClock _clock = new();
    private readonly SqsLine _line = new(new SqsLineKey(Target("orders"), null));

    private static AwsTarget Target(string name) => new("wh_1", new SqsDestination($"https://sqs.eu-west-1.amazonaws.com/123456789012/{name}", "eu-west-1", Targets.SealedKeys), Targets.Keys);

    private SqsEntry Entry(string name, string? key = null, int bytes = 10, bool fifo = true, int seconds = 30, CancellationToken ct = default)
    {
        var body = name + new string('x', bytes - name.Length);
        var request = new OutgoingRequest(new Uri("about:blank"), "POST", [], Encoding.UTF8.GetBytes(body), TimeSpan.FromSeconds(seconds))
        {
            Message = new OutgoingMessage(Target(fifo ? "orders.fifo" : "orders"), "order.paid", "dlv_1", key),
        };
        return new SqsEntry(request, AwsMessage.Of(request)!, _clock, ct);
    }

    private static string[] Names(IEnumerable<SqsEntry> entries) => [.. entries.Select(e => Encoding.UTF8.GetString(e.Message.Body.Span).TrimEnd('x'))];

    /// <summary>Takes all the room.</summary>
    private SqsEntry[] Fill()
    {
        SqsEntry[] first = [.. Enumerable.Range(0, SqsLine.MaxRequests).Select(i => Entry($"first{i}"))];
        Assert.All(first, e => Assert.True(_line.Enter(e)));
        return first;
    }

    private void Wait(params SqsEntry[] entries) => Assert.All(entries, e => Assert.False(_line.Enter(e)));

    [Fact]
    public void As_many_as_there_is_room_for_go_at_once_and_the_others_wait()
    {
        var first = Fill();
        Wait([.. Enumerable.Range(0, 12).Select(i => Entry($"{i}."))]);
        Assert.Empty(_line.Next());

        _line.Leave([first[0]]);
        Assert.Equal(["0.", "1.", "2.", "3.", "4.", "5.", "6.", "7.", "8.", "9."], Names(_line.Next()));
        Assert.Empty(_line.Next());
        _line.Leave([first[1]]);
        Assert.Equal(["10.", "11."], Names(_line.Next()));
        Assert.False(_line.IsIdle);
    }

    [Fact]
    public void It_is_idle_when_nothing_waits_and_nothing_is_under_way()
    {
        var one = Entry("one");
        Assert.True(_line.IsIdle);
        _line.Enter(one);
        Assert.False(_line.IsIdle);
        _line.Leave([one]);
        Assert.True(_line.IsIdle);
    }

    [Fact]
    public void Messages_share_a_request_as_long_as_it_stays_within_the_bound()
    {
        const int Hundred = 100 * 1024;
        var first = Fill();
        Wait(Entry("a", bytes: Hundred), Entry("b", bytes: Hundred), Entry("c", bytes: Hundred), Entry("long", bytes: 3 * Hundred), Entry("d"), Entry("e"));
        Assert.Equal(["a", "b"], After(first[0]));
        Assert.Equal(["c"], After(first[1]));
        Assert.Equal(["long"], After(first[2]));
        Assert.Equal(["d", "e"], After(first[3]));

        string[] After(SqsEntry over)
        {
            _line.Leave([over]);
            return Names(_line.Next());
        }
    }

    [Fact]
    public void Attributes_count_with_the_body()
    {
        var request = Targets.Message(Target("orders"), "12345", null, new Header("X-Sum", "é")) with { Headers = [new Header("X-Sum", "é")] };
        Assert.Equal(5 + "x-sum".Length + "String".Length + 2, new SqsEntry(request, AwsMessage.Of(request)!, _clock, default).Bytes);
    }

    [Fact]
    public void Of_one_ordering_key_one_message_is_under_way_to_a_FIFO_queue()
    {
        var first = Fill();
        Wait(Entry("a1", "a"), Entry("a2", "a"), Entry("b1", "b"), Entry("keyless1", ""), Entry("keyless2", ""), Entry("free1"), Entry("free2"));
        _line.Leave([first[0]]);
        var shared = _line.Next();
        Assert.Equal(["a1", "b1", "keyless1", "free1", "free2"], Names(shared));

        _line.Leave([first[1]]);
        Assert.Empty(_line.Next());
        Assert.True(_line.Enter(Entry("c1", "c")));
        Wait(Entry("c2", "c"));

        _line.Leave(shared);
        Assert.Equal(["a2", "keyless2"], Names(_line.Next()));
    }

    [Fact]
    public void A_key_stays_taken_while_a_request_is_under_way_that_its_message_no_longer_waits_for()
    {
        var first = Entry("a1", "a");
        Assert.True(_line.Enter(first));
        Assert.False(_line.Withdraw(first));
        Wait(Entry("a2", "a"));
        Assert.Empty(_line.Next());
        _line.Leave([first]);
        Assert.Equal(["a2"], Names(_line.Next()));
    }

    [Fact]
    public void A_queue_that_keeps_no_order_holds_nothing_back()
    {
        var first = Fill();
        Wait(Entry("a1", "a", fifo: false), Entry("a2", "a", fifo: false));
        _line.Leave([first[0]]);
        Assert.Equal(["a1", "a2"], Names(_line.Next()));
    }

    [Fact]
    public void What_is_withdrawn_or_over_its_deadline_or_cancelled_never_goes()
    {
        using var cancelled = new CancellationTokenSource();
        var first = Fill();
        var withdrawn = Entry("withdrawn");
        Wait(withdrawn, Entry("late", seconds: 5), Entry("cancelled", ct: cancelled.Token), Entry("fine"));
        Assert.True(_line.Withdraw(withdrawn));
        _clock.Advance(TimeSpan.FromSeconds(5));
        cancelled.Cancel();
        _line.Leave([first[0]]);
        Assert.Equal(["fine"], Names(_line.Next()));
    }

    [Fact]
    public void What_was_refused_together_goes_again_alone_and_before_all_others()
    {
        var first = Fill();
        Wait(Entry("a", "k"), Entry("b"), Entry("gone"));
        _line.Leave([first[0]]);
        var shared = _line.Next();
        Wait(Entry("c"), Entry("d"));
        Assert.False(_line.Withdraw(shared[2]));

        _line.TakeApart(shared);
        Assert.Equal(["a"], Names(_line.Next()));
        _line.Leave([first[1]]);
        Assert.Equal(["b"], Names(_line.Next()));
        _line.Leave([first[2]]);
        Assert.Equal(["c", "d"], Names(_line.Next()));
    }
}
