using System.Net;
using static Webhooks.Receiver.Tests.Sender;

namespace Webhooks.Receiver.Tests;

public sealed class ReplayTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task What_was_handled_is_answered_again_and_not_handled_again()
    {
        await using var receiver = await Start();

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, Secret))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt.AddMinutes(1), Secret))).StatusCode);
        Assert.Single(receiver.Received);
    }

    [Fact]
    public async Task What_failed_is_handled_when_it_comes_again()
    {
        await using var receiver = await Start();
        receiver.Handle = (_, _) => throw new InvalidOperationException("The handler fails.");
        Assert.Equal(HttpStatusCode.InternalServerError, (await receiver.Send(Sign("standard", SentAt, Secret))).StatusCode);
        receiver.Handle = (_, http) => Task.FromResult(http.Response.StatusCode = 503);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await receiver.Send(Sign("standard", SentAt, Secret))).StatusCode);
        receiver.Handle = (_, _) => Task.CompletedTask;

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, Secret))).StatusCode);
        Assert.Equal(3, receiver.Received.Count);
    }

    [Fact]
    public async Task While_one_is_being_handled_the_same_again_is_asked_to_come_back()
    {
        await using var receiver = await Start();
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        receiver.Handle = (_, _) =>
        {
            begun.SetResult();
            return end.Task;
        };

        var first = receiver.Send(Sign("standard", SentAt, Secret));
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        using var second = await receiver.Send(Sign("standard", SentAt, Secret));
        end.SetResult();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (second.StatusCode, second.Headers.RetryAfter!.Delta!.Value));
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.Single(receiver.Received);
    }

    [Fact]
    public async Task A_forged_request_takes_no_key()
    {
        await using var receiver = await Start();

        Assert.Equal(HttpStatusCode.Unauthorized, (await receiver.Send(Sign("standard", SentAt, OtherSecret))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, Secret))).StatusCode);
        Assert.Single(receiver.Received);
    }

    [Fact]
    public async Task The_key_may_come_from_the_body_and_without_one_every_request_is_handled()
    {
        await using var receiver = await ReceivingApp.Start(
            Verifier("github", Secret),
            new() { ReplayCache = new MemoryReplayCache(Hour), ReplayKey = webhook => webhook.Json<Dictionary<string, string>>()!.GetValueOrDefault("id") });

        foreach (var body in new[] { """{"id":"a"}""", """{"id":"a"}""", """{"id":"b"}""", "{}", "{}" })
        {
            Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("github", SentAt, System.Text.Encoding.UTF8.GetBytes(body), Secret))).StatusCode);
        }

        Assert.Equal(4, receiver.Received.Count);
    }

    /// <summary>An event's id is the same for all webhooks that get it, and nobody's alone to choose.</summary>
    [Fact]
    public async Task The_same_id_of_another_sender_is_another_one()
    {
        var verifiers = new Dictionary<string, WebhookVerifier> { ["a"] = Verifier("standard", Secret), ["b"] = Verifier("standard", OtherSecret) };
        await using var receiver = await ReceivingApp.Start(http => new(verifiers.GetValueOrDefault(http.Request.Query["sender"].ToString())), Cached());

        foreach (var (sender, key) in new[] { ("a", Secret), ("b", OtherSecret), ("a", Secret), ("b", OtherSecret) })
        {
            Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, key), "?sender=" + sender)).StatusCode);
        }

        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task The_same_id_at_another_path_is_another_one_however_the_path_is_spelled()
    {
        await using var receiver = await ReceivingApp.Start(Verifier("standard", Secret), Cached(), pattern: "/hooks/{of}");

        foreach (var path in new[] { "hooks/billing", "hooks/audit", "HOOKS/Billing/", "hooks/%61udit", "hooks/audit?again" })
        {
            Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, Secret), path)).StatusCode);
        }

        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task A_retry_is_known_whatever_keys_it_and_the_first_attempt_were_signed_with()
    {
        var verifier = Verifier("standard", Secret);
        await using var receiver = await ReceivingApp.Start(_ => new(verifier), Cached());
        async Task IsTaken(params string[] keys) => Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, keys))).StatusCode);

        await IsTaken(Secret);
        verifier = Verifier("standard", OtherSecret, Secret);
        await IsTaken(OtherSecret, Secret);
        await IsTaken(Secret);
        await IsTaken(OtherSecret);
        verifier = Verifier("standard", OtherSecret);
        await IsTaken(OtherSecret);

        Assert.Single(receiver.Received);
    }

    [Fact]
    public async Task While_keys_are_rotated_what_is_being_handled_is_asked_to_come_back_and_then_handled()
    {
        var verifier = Verifier("standard", Secret);
        await using var receiver = await ReceivingApp.Start(_ => new(verifier), Cached());
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        receiver.Handle = async (_, http) =>
        {
            begun.SetResult();
            await end.Task;
            http.Response.StatusCode = 500;
        };

        var first = receiver.Send(Sign("standard", SentAt, Secret));
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        verifier = Verifier("standard", OtherSecret, Secret);
        using var second = await receiver.Send(Sign("standard", SentAt, OtherSecret));
        end.SetResult();
        await first;
        receiver.Handle = (_, _) => Task.CompletedTask;
        using var third = await receiver.Send(Sign("standard", SentAt, OtherSecret));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (second.StatusCode, third.StatusCode));
        Assert.Equal(2, receiver.Received.Count);
    }

    [Fact]
    public async Task A_key_that_serves_two_schemes_is_claimed_once()
    {
        await using var receiver = await ReceivingApp.Start(WebhookVerifier.Svix(Secret).Or(WebhookVerifier.Standard(Secret)), Cached());

        Assert.Equal(HttpStatusCode.OK, (await receiver.Send(Sign("standard", SentAt, Secret))).StatusCode);
        Assert.Single(receiver.Received);
    }

    [Fact]
    public void What_a_request_is_remembered_by_tells_nothing_and_is_the_same_on_every_node()
    {
        var keys = Verifier("standard", Secret, OtherSecret).ReplayKeys("1 / evt");

        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{64}$", key));
        Assert.Equal(keys.Reverse(), Verifier("standard", OtherSecret, Secret).ReplayKeys("1 / evt"));
        Assert.Empty(keys.Intersect(Verifier("standard", Secret, OtherSecret).ReplayKeys("1 / other")));
    }

    [Fact]
    public async Task A_key_is_kept_for_its_time_and_then_forgotten()
    {
        var clock = new Clock();
        var cache = new MemoryReplayCache(Hour, time: clock);
        await Handle(cache, "a");

        clock.Now += Hour - TimeSpan.FromSeconds(1);
        Assert.Equal(ReplayClaim.Handled, await cache.Claim("a", default));
        clock.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(ReplayClaim.New, await cache.Claim("a", default));
    }

    [Fact]
    public async Task Of_too_many_keys_the_oldest_go_first()
    {
        var cache = new MemoryReplayCache(Hour, capacity: 2, new Clock());
        foreach (var key in new[] { "a", "b", "c" })
        {
            await Handle(cache, key);
        }

        Assert.Equal(ReplayClaim.Handled, await cache.Claim("b", default));
        Assert.Equal(ReplayClaim.Handled, await cache.Claim("c", default));
        Assert.Equal(ReplayClaim.New, await cache.Claim("a", default));
    }

    [Fact]
    public async Task Of_many_at_a_time_one_gets_the_claim()
    {
        var cache = new MemoryReplayCache(Hour);
        var claims = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => cache.Claim("a", default).AsTask())));

        Assert.Equal(1, claims.Count(c => c == ReplayClaim.New));
        Assert.Equal(49, claims.Count(c => c == ReplayClaim.BeingHandled));
    }

    private static Task<ReceivingApp> Start() => ReceivingApp.Start(Verifier("standard", Secret), Cached());

    private static WebhookReceiverOptions Cached() => new() { ReplayCache = new MemoryReplayCache(Hour) };

    private static async Task Handle(MemoryReplayCache cache, string key)
    {
        Assert.Equal(ReplayClaim.New, await cache.Claim(key, default));
        await cache.Keep(key);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = SentAt;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
