using System.Text;
using System.Text.Json.Nodes;
using Webhooks.Delivery.Destinations;
using Webhooks.Delivery.Destinations.Aws;
using Webhooks.Delivery.Sending;
using Webhooks.Domain.Deliveries;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Destinations;

/// <summary>Messages that share a request to a queue, each with its own deadline and outcome.</summary>
public sealed class SqsBatchTests : IAsyncLifetime
{
    private readonly AwsEmulator _aws = new();
    private readonly FakeClock _clock = new();
    private readonly TaskCompletionSource _singles = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _batches = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EgressClient _egress = null!;
    private DestinationSet _destinations = null!;
    private AwsTarget _target = null!;

    public ValueTask InitializeAsync()
    {
        _aws.Hold = request => AwsEmulator.IsBatch(request) ? _batches.Task : _singles.Task;
        _target = Targets.Queue(_aws);
        Use(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] });
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        _singles.TrySetResult();
        _batches.TrySetResult();
        await _destinations.DisposeAsync();
        _egress.Dispose();
        await _aws.DisposeAsync();
    }

    private void Use(EgressOptions options)
    {
        _egress?.Dispose();
        _egress = new EgressClient(options, _clock);
        _destinations = new DestinationSet(_egress, _clock);
    }

    private Task<SendResult> Send(string body, AwsTarget? target = null, int seconds = 30, string? key = null, CancellationToken ct = default)
    {
        var request = Targets.Message(target ?? _target, body, key) with { Timeout = TimeSpan.FromSeconds(seconds) };
        return _destinations.For(request.Message!.Target).Send(request, ct);
    }

    /// <summary>Takes all the room, so that what is sent next waits.</summary>
    private Task<SendResult>[] Fill(AwsTarget? target = null) => [.. Enumerable.Range(0, SqsLine.MaxRequests).Select(i => Send($"first{i}", target))];

    private static async Task<SendResult[]> All(params Task<SendResult>[] sends) => await Task.WhenAll(sends).WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);

    private void Release()
    {
        _singles.TrySetResult();
        _batches.TrySetResult();
    }

    private string[][] Batches() => [.. _aws.Batches.Select(b => b["Entries"]!.AsArray().Select(e => (string)e!["MessageBody"]!).ToArray())];

    private static string Text(SendResult result) => Encoding.UTF8.GetString(result.ResponseBody);

    [Fact]
    public async Task What_comes_while_requests_are_under_way_shares_the_next_one()
    {
        var first = Fill();
        Task<SendResult>[] waiting = [.. Enumerable.Range(0, 25).Select(i => Send($"{i}"))];
        await Eventually.Is(() => _aws.Requests.Count == SqsLine.MaxRequests, "the first requests are under way");
        Release();
        Assert.All(await All([.. first, .. waiting]), r => Assert.Equal((null, 200), (r.Failure, r.StatusCode)));

        Assert.Equal(SqsLine.MaxRequests, _aws.Queued.Count);
        Assert.Equal(
            Enumerable.Range(0, 25).Chunk(10).Select(c => string.Join(' ', c)).Order(StringComparer.Ordinal),
            Batches().Select(b => string.Join(' ', b)).Order(StringComparer.Ordinal));
        Assert.All(_aws.Batches, b =>
        {
            Assert.Equal(_target.Destination.Url, (string?)b["QueueUrl"]);
            Assert.Equal(Enumerable.Range(0, b["Entries"]!.AsArray().Count).Select(i => $"{i}"), b["Entries"]!.AsArray().Select(e => (string?)e!["Id"]));
        });
        for (var i = 0; i < waiting.Length; i++)
        {
            Assert.Equal($$"""{"MessageId":"m-{{i}}","Id":"{{i % 10}}"}""", Text(await waiting[i]));
        }

        Assert.Equal(0, _destinations.BusyQueues);
    }

    [Fact]
    public async Task An_entry_says_what_a_message_of_its_own_says()
    {
        _target = Targets.Queue(_aws, "orders.fifo");
        Task<SendResult>[] sends = [.. Fill(), Send("a", key: "k1"), Send("b", key: "k2")];
        Release();
        await All(sends);
        var alone = _aws.Queued.First();
        var entries = Assert.Single(_aws.Batches)["Entries"]!.AsArray();
        Assert.Equal(alone["MessageAttributes"]!.ToJsonString(), entries[0]!["MessageAttributes"]!.ToJsonString());
        Assert.Equal(["a k1 dlv_1", "b k2 dlv_1"], entries.Select(e => $"{e!["MessageBody"]} {e["MessageGroupId"]} {e["MessageDeduplicationId"]}"));
    }

    [Fact]
    public async Task One_that_waited_alone_goes_as_a_message_of_its_own()
    {
        Task<SendResult>[] sends = [.. Fill(), Send("last")];
        Release();
        Assert.All(await All(sends), r => Assert.Null(r.Failure));
        Assert.Equal(SqsLine.MaxRequests + 1, _aws.Queued.Count);
        Assert.Empty(_aws.Batches);
        Assert.Equal(0, _destinations.BusyQueues);
    }

    [Fact]
    public async Task Each_has_its_own_outcome_and_no_others_answer()
    {
        _aws.Judge = entry => (string?)entry["MessageBody"] switch
        {
            "wrong" => new JsonObject { ["SenderFault"] = true, ["Code"] = "InvalidMessageContents", ["Message"] = "no" },
            "broken" => new JsonObject { ["SenderFault"] = false, ["Code"] = "InternalError" },
            "often" => new JsonObject { ["SenderFault"] = true, ["Code"] = "RequestThrottled" },
            "strange" => new JsonObject { ["SenderFault"] = true, ["Code"] = "what <ever> it says" },
            "forgotten" => null,
            "nameless" => new JsonObject { ["MessageId"] = "" },
            _ => new JsonObject { ["MessageId"] = "m-1" },
        };
        var first = Fill();
        Task<SendResult>[] waiting = [Send("fine"), Send("wrong"), Send("broken"), Send("often"), Send("strange"), Send("forgotten"), Send("nameless")];
        Release();
        await All(first);
        Assert.Equal(
            [
                (null, 200, null, """{"MessageId":"m-1","Id":"0"}"""),
                (FailureClass.Status, 400, "SQS did not take this message of a batch (InvalidMessageContents).", """{"SenderFault":true,"Code":"InvalidMessageContents","Message":"no","Id":"1"}"""),
                (FailureClass.Status, 500, "SQS did not take this message of a batch (InternalError).", """{"SenderFault":false,"Code":"InternalError","Id":"2"}"""),
                (FailureClass.Status, 429, "SQS did not take this message of a batch (RequestThrottled).", """{"SenderFault":true,"Code":"RequestThrottled","Id":"3"}"""),
                (FailureClass.Status, 400, "SQS did not take this message of a batch.", """{"SenderFault":true,"Code":"what \u003Cever\u003E it says","Id":"4"}"""),
                (FailureClass.Protocol, 200, "SQS answered 200 without a message's id.", ""),
                (FailureClass.Protocol, 200, "SQS answered 200 without a message's id.", """{"MessageId":"","Id":"6"}"""),
            ],
            (await All(waiting)).Select(r => (r.Failure, r.StatusCode ?? 0, r.Detail, Text(r))));
    }

    [Theory]
    [InlineData("<html>Welcome to this hotel</html>", FailureClass.Protocol, "<html>Welcome to this hotel</html>")]
    [InlineData("[]", FailureClass.Protocol, "[]")]
    [InlineData("{}", FailureClass.Protocol, "")]
    [InlineData("""{"Successful":{"Id":"0","MessageId":"m"}}""", FailureClass.Protocol, "")]
    [InlineData("""{"Successful":[{"Id":"2","MessageId":"m"},{"Id":"-1","MessageId":"m"},{"Id":0,"MessageId":"m"},7,null]}""", FailureClass.Protocol, "")]
    [InlineData("""{"Successful":[{"Id":"0","MessageId":"\ud800"}]}""", FailureClass.Protocol, """{"Id":"0","MessageId":"\ud800"}""")]
    [InlineData("""{"Successful":[{"Id":"0","MessageId":"m"}],"Failed":[{"Id":"0"}]}""", FailureClass.Status, """{"Id":"0"}""")]
    public async Task Without_a_clear_word_a_message_is_not_taken(string answer, FailureClass failure, string kept)
    {
        _aws.Refuse = request => AwsEmulator.IsBatch(request) ? (200, answer) : null;
        Task<SendResult>[] sends = [.. Fill(), Send("a"), Send("b")];
        Release();
        var result = (await All(sends))[SqsLine.MaxRequests];
        Assert.Equal((failure, kept), (result.Failure, Text(result)));
    }

    [Theory]
    [InlineData(403, """{"__type":"com.amazon.coral.service#AccessDeniedException"}""", 403, "SQS answered 403 (AccessDeniedException).")]
    [InlineData(400, """{"__type":"com.amazonaws.sqs#RequestThrottled"}""", 429, "SQS answered 400 (RequestThrottled).")]
    [InlineData(503, "", 503, "SQS answered 503.")]
    public async Task A_failure_of_the_request_is_everyones(int status, string body, int recorded, string detail)
    {
        _aws.Refuse = request => AwsEmulator.IsBatch(request) ? (status, body) : null;
        var first = Fill();
        var (a, b) = (Send("a"), Send("b"));
        Release();
        await All(first);
        Assert.All(await All(a, b), r => Assert.Equal((FailureClass.Status, recorded, detail, body), (r.Failure, r.StatusCode ?? 0, r.Detail, Text(r))));
        Assert.Equal(SqsLine.MaxRequests + 1, _aws.Requests.Count);
        Assert.Equal(0, _destinations.BusyQueues);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    public async Task What_is_refused_as_a_whole_goes_one_by_one_so_that_each_answers_for_itself(int status)
    {
        _aws.Refuse = request =>
            AwsEmulator.IsBatch(request) ? (status, """{"__type":"com.amazonaws.sqs#BatchRequestTooLong"}""")
            : request.Contains("\"poison\"", StringComparison.Ordinal) ? (400, """{"__type":"com.amazonaws.sqs#InvalidMessageContents"}""")
            : null;
        var first = Fill();
        Task<SendResult>[] waiting = [Send("a"), Send("poison"), Send("b")];
        Release();
        await All(first);
        Assert.Equal([null, "SQS answered 400 (InvalidMessageContents).", null], (await All(waiting)).Select(r => r.Detail));
        Assert.Equal(["a", "b"], _aws.Queued.Select(m => (string)m["MessageBody"]!).Where(b => !b.StartsWith("first", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Single(_aws.Requests, AwsEmulator.IsBatch);
        Assert.Equal(0, _destinations.BusyQueues);
    }

    [Fact]
    public async Task The_wait_for_room_counts_against_the_deadline_and_what_is_late_is_never_sent()
    {
        var first = Fill();
        var (late, last) = (Send("late", seconds: 5), Send("last"));
        await Eventually.Is(() => _aws.Requests.Count == SqsLine.MaxRequests, "the first requests are under way");
        _clock.Advance(TimeSpan.FromSeconds(5));
        var result = Assert.Single(await All(late));
        Assert.Equal((FailureClass.Timeout, null, "The queue had not answered earlier messages before the deadline; this one was not sent."), (result.Failure, result.StatusCode, result.Detail));
        Assert.Equal(TimeSpan.FromSeconds(5), result.Duration);

        Release();
        Assert.All(await All([.. first, last]), r => Assert.Null(r.Failure));
        Assert.Empty(_aws.Batches);
        Assert.DoesNotContain("late", _aws.Queued.Select(m => (string)m["MessageBody"]!));
        Assert.Equal(0, _destinations.BusyQueues);
    }

    [Fact]
    public async Task Each_gets_its_answer_at_its_deadline_and_the_request_goes_on_for_the_others()
    {
        using var cancelled = new CancellationTokenSource();
        var first = Fill();
        var (hasty, gone, patient) = (Send("hasty", seconds: 5), Send("gone", ct: cancelled.Token), Send("patient"));
        _singles.SetResult();
        await All(first);
        await Eventually.Is(() => _aws.Requests.Any(AwsEmulator.IsBatch), "the shared request is under way");

        _clock.Advance(TimeSpan.FromSeconds(5));
        var result = Assert.Single(await All(hasty));
        Assert.Equal((FailureClass.Timeout, "The response was not complete before the deadline."), (result.Failure, result.Detail));
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => All(gone));
        Assert.False(patient.IsCompleted);

        Release();
        result = Assert.Single(await All(patient));
        Assert.Equal((null, TimeSpan.FromSeconds(5)), (result.Failure, result.Duration));
        Assert.Equal(["hasty", "gone", "patient"], Assert.Single(Batches()));
    }

    [Fact]
    public async Task The_request_ends_with_the_last_deadline()
    {
        var first = Fill();
        var (hasty, patient) = (Send("hasty", seconds: 5), Send("patient", seconds: 20));
        _singles.SetResult();
        await All(first);
        await Eventually.Is(() => _aws.Requests.Any(AwsEmulator.IsBatch), "the shared request is under way");
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.All(await All(hasty, patient), r => Assert.Equal(FailureClass.Timeout, r.Failure));
        await Eventually.Is(() => _destinations.BusyQueues == 0, "the request is over");
    }

    [Fact]
    public async Task What_is_cancelled_while_it_waits_is_never_sent()
    {
        using var cancelled = new CancellationTokenSource();
        var first = Fill();
        var (gone, last) = (Send("gone", ct: cancelled.Token), Send("last"));
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => All(gone));
        Release();
        Assert.All(await All([.. first, last]), r => Assert.Null(r.Failure));
        Assert.DoesNotContain("gone", _aws.Queued.Select(m => (string)m["MessageBody"]!));
        Assert.Empty(_aws.Batches);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Send("gone", ct: cancelled.Token));
        Assert.Equal(0, _destinations.BusyQueues);
    }

    [Fact]
    public async Task Webhooks_share_no_request_even_to_one_queue_in_one_name()
    {
        var other = _target with { Webhook = "wh_2" };
        Task<SendResult>[] sends = [.. Fill(), .. Fill(other), Send("a1"), Send("b1", other), Send("a2"), Send("b2", other)];
        Release();
        Assert.All(await All(sends), r => Assert.Null(r.Failure));
        Assert.Equal(["a1 a2", "b1 b2"], Batches().Select(b => string.Join(' ', b)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Messages_in_different_names_share_no_request()
    {
        var wrong = Targets.Queue(_aws, identity: Targets.Keys with { SecretAccessKey = "other" });
        Task<SendResult>[] sends = [.. Fill(), .. Fill(wrong), Send("a1"), Send("b1", wrong), Send("a2"), Send("b2", wrong)];
        Release();
        var results = (await All(sends))[(2 * SqsLine.MaxRequests)..];
        Assert.Equal([200, 403, 200, 403], results.Select(r => r.StatusCode));
        Assert.Equal(["a1", "a2"], Assert.Single(Batches()));
    }

    [Fact]
    public async Task Messages_over_different_TLS_share_no_request()
    {
        var tls = Targets.Message(_target, "own") with { Options = new SendOptions(Tls: new TlsIdentity(null, null, "ca")) };
        var first = Fill();
        var waiting = Send("waiting");
        var own = _destinations.For(_target).Send(tls, TestContext.Current.CancellationToken);
        Assert.Equal(2, _destinations.BusyQueues);
        Release();
        await All([.. first, waiting, own]);
        Assert.Empty(_aws.Batches);
    }

    [Fact]
    public async Task What_is_kept_of_each_answer_is_as_long_as_the_installation_keeps_answers()
    {
        Use(new EgressOptions { AllowNetworks = ["127.0.0.0/8"], MaxStoredResponseBytes = 4 });
        var first = Fill();
        var (a, b) = (Send("a"), Send("b"));
        Release();
        await All(first);
        Assert.All(await All(a, b), r => Assert.Equal((null, 4, true), (r.Failure, r.ResponseBody.Length, r.ResponseTruncated)));
    }
}
