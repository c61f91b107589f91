using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Payloads;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests;

/// <summary>How a node retries, on real PostgreSQL and real HTTP: each retry is a claim of the delivery's row.</summary>
public sealed class RetryTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private static readonly FixedRetry ByKind = new(1) { Attempts = new AttemptLimits(Status: 3, Network: 2, Timeout: 3) };

    private readonly CompanyId _company = new(Guid.CreateVersion7());
    private Receiver _receiver = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.Start();
        _node = await StartNode();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private async Task<DeliveryNode> StartNode()
    {
        var signal = new LogSignal(TimeProvider.System);
        var node = new DeliveryNode(
            installation.DataSource, installation.Store(signal), signal, new DatabaseClock(TimeProvider.System), installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System, Resolve),
            Installation.Patient, TimeProvider.System, NullLoggerFactory.Instance);
        await node.StartAsync(default);
        return node;
    }

    private static Task<IPAddress[]> Resolve(string name, CancellationToken ct) =>
        throw new SocketException((int)(name.StartsWith("nowhere", StringComparison.Ordinal) ? SocketError.HostNotFound : SocketError.TryAgain));

    private Task<WebhookId> Register(RetryPolicy? policy, Uri? url = null, int maxAttempts = 10, int timeoutMs = 60_000) =>
        installation.Register(url ?? _receiver.Url, c => c with { RetryPolicy = policy, MaxAttempts = maxAttempts, TimeoutMs = timeoutMs }, _company);

    private async Task<(MessageId Message, DeliveryId Delivery)> Emit()
    {
        var accepted = Assert.IsType<EmitOutcome.Accepted>(await _node.Acceptance.Emit(new EventToEmit(_company, "order.paid", "{}"u8.ToArray(), null, null, Guid.NewGuid()), default));
        return (accepted.Message, Assert.Single(accepted.Deliveries));
    }

    private async Task<IReadOnlyList<Fact>> Until(DeliveryId delivery, Func<IReadOnlyList<Fact>, bool> condition, string what)
    {
        IReadOnlyList<Fact> facts = [];
        await Eventually.Is(async () => condition(facts = await installation.Facts(delivery.Value)), what);
        return facts;
    }

    private Task<IReadOnlyList<Fact>> UntilExhausted(DeliveryId delivery) => Until(delivery, f => f is [.., DeliveryExhausted], $"{delivery} is exhausted");

    private async Task<(FailureClass?, int)> FailsUntilExhausted(Uri url, int timeoutMs = 60_000)
    {
        await Register(ByKind, url, timeoutMs: timeoutMs);
        var attempts = (await UntilExhausted((await Emit()).Delivery)).OfType<AttemptFailed>().ToList();
        return (Assert.Single(attempts.Select(a => a.Attempt.Failure).Distinct()), attempts.Count);
    }

    [Theory]
    [InlineData(408, 3)]
    [InlineData(425, 3)]
    [InlineData(500, 3)]
    [InlineData(503, 3)]
    [InlineData(400, 1)]
    [InlineData(304, 1)]
    [InlineData(302, 1)]
    public async Task Attempts_by_status_are_what_the_policy_says(int status, int attempts)
    {
        _receiver.Answer = _ => Task.FromResult(status);
        Assert.Equal((FailureClass.Status, attempts), await FailsUntilExhausted(_receiver.Url));
        Assert.Equal(attempts, _receiver.Requests.Count);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_twice()
    {
        using var closed = new ClosedPort();
        Assert.Equal((FailureClass.Connect, 2), await FailsUntilExhausted(closed.Url));
    }

    [Theory]
    [InlineData("nowhere.test")]
    [InlineData("servfail.test")]
    public async Task A_name_that_does_not_resolve_is_tried_twice(string name) => Assert.Equal((FailureClass.Dns, 2), await FailsUntilExhausted(new Uri($"http://{name}/")));

    [Fact]
    public async Task A_failed_handshake_is_tried_twice() => Assert.Equal((FailureClass.Tls, 2), await FailsUntilExhausted(new Uri($"https://127.0.0.1:{_receiver.Url.Port}/")));

    [Fact]
    public async Task A_broken_connection_is_tried_twice()
    {
        await using var breaking = Sending.Receiver.Running((_, _) => Task.CompletedTask);
        Assert.Equal((FailureClass.Reset, 2), await FailsUntilExhausted(breaking.Url));
    }

    [Fact]
    public async Task A_timeout_is_tried_three_times()
    {
        _receiver.Answer = _ => new TaskCompletionSource<int>().Task;
        Assert.Equal((FailureClass.Timeout, 3), await FailsUntilExhausted(_receiver.Url, timeoutMs: 100));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_or_without_a_location()
    {
        await using var elsewhere = await Receiver.Start();
        _receiver.Headers = [("Location", elsewhere.Url.ToString())];
        _receiver.Answer = _ => Task.FromResult(307);
        Assert.Equal((FailureClass.Status, 1), await FailsUntilExhausted(_receiver.Url));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task A_slow_receiver_gets_no_attempt_after_the_total_deadline()
    {
        _receiver.Answer = _ => new TaskCompletionSource<int>().Task;
        await Register(new FixedRetry(10) { TotalDeadlineMs = 1_000, TimeoutMs = 300, MaxAttempts = 50 }, maxAttempts: 50);
        var facts = await UntilExhausted((await Emit()).Delivery);
        Assert.Equal(new DeliveryExhausted { Reason = ExhaustedReason.Deadline }, facts[^1]);
        var attempts = facts.OfType<AttemptFailed>().ToList();
        Assert.All(attempts, f => Assert.Equal(FailureClass.Timeout, f.Attempt.Failure));
        Assert.InRange(attempts.Count, 1, 4);

        // None is planned for later than that. One that was planned may come too late all the same, and is not made.
        var deadline = attempts[0].SeriesStartedAt?.AddSeconds(1);
        Assert.DoesNotContain(attempts, f => f.NextAttemptAt >= deadline);
    }

    [Fact]
    public async Task The_attempt_that_takes_all_of_the_total_deadline_is_the_last()
    {
        _receiver.Answer = _ => new TaskCompletionSource<int>().Task;
        await Register(new FixedRetry(10) { TotalDeadlineMs = 200 }, maxAttempts: 50);
        var facts = await UntilExhausted((await Emit()).Delivery);
        var attempt = Assert.IsType<AttemptFailed>(facts[0]);
        Assert.Equal((FailureClass.Timeout, null), (attempt.Attempt.Failure, attempt.NextAttemptAt));
        Assert.Equal([new DeliveryExhausted { Reason = ExhaustedReason.Deadline }], facts.Skip(1));
    }

    [Fact]
    public async Task What_has_become_too_old_while_it_waited_is_not_sent()
    {
        await Register(new FixedRetry(1) { MaxAgeMs = 3_600_000 });
        var webhook = (await installation.Scalar<Guid>($"select webhook_id from read.webhooks where company_id = '{_company.Value}'"));
        var (message, delivery) = (new MessageId(Guid.CreateVersion7()), new DeliveryId(Guid.CreateVersion7()));
        await installation.Scalar<int>($"""
            with p as (insert into es.payloads values ('{message.Value}', '{_company.Value}', 'order.paid', now() - interval '2 hours', 'x') returning 1)
            insert into delivery.queue values ('{delivery.Value}', 7, '{webhook}', '{message.Value}', 0, 0, 0, now()) returning 1
            """);

        Assert.Equal([new DeliveryExhausted { Reason = ExhaustedReason.MaxAge }], await UntilExhausted(delivery));
        Assert.Empty(_receiver.Requests);
        Assert.Equal(0, await installation.Scalar<long>($"select count(*) from delivery.queue where delivery_id = '{delivery.Value}'"));
    }

    [Theory]
    [InlineData(429, "3600", true)]
    [InlineData(503, "3600", false)]
    public async Task Retry_after_is_honoured_and_429_spends_no_attempt(int status, string retryAfter, bool spentNone)
    {
        _receiver.Headers = [("Retry-After", retryAfter)];
        _receiver.Answer = _ => Task.FromResult(status);
        await Register(new FixedRetry(1), maxAttempts: 2);
        var (_, delivery) = await Emit();
        var failed = (AttemptFailed)(await Until(delivery, f => f.Count == 1, "the attempt is recorded"))[0];
        Assert.Equal((3_600_000, spentNone), (failed.RetryAfterMs, failed.SpentNoAttempt));
        Assert.Equal(spentNone ? "0 1" : "1 ", await installation.Scalar<string>($"select format('%s %s', failures, unspent) from delivery.queue where delivery_id = '{delivery.Value}'"));
    }

    [Fact]
    public async Task A_busy_receiver_takes_the_message_in_the_end_whatever_the_number_of_attempts()
    {
        _receiver.Answer = r => Task.FromResult(r.Attempt < 3 ? 429 : 200);
        await Register(new FixedRetry(1), maxAttempts: 1);
        var facts = await Until((await Emit()).Delivery, f => f is [.., AttemptSucceeded], "it succeeded");
        Assert.Equal([true, true], facts.OfType<AttemptFailed>().Select(f => f.SpentNoAttempt));
    }

    [Fact]
    public async Task A_request_that_cannot_be_made_is_an_attempt_that_spends_nothing()
    {
        await installation.Register(_receiver.Url, c => c with { SignatureScheme = SignatureScheme.Streem, RetryPolicy = new FixedRetry(3_600_000), MaxAttempts = 1 }, _company);
        var emitted = await _node.Acceptance.Emit(new EventToEmit(_company, "order.paid", "no JSON"u8.ToArray(), null, null, Guid.NewGuid()), default);
        var delivery = Assert.Single(Assert.IsType<EmitOutcome.Accepted>(emitted).Deliveries);
        var failed = (AttemptFailed)(await Until(delivery, f => f.Count == 1, "the attempt is recorded"))[0];
        Assert.Equal((FailureClass.Internal, true), (failed.Attempt.Failure, failed.SpentNoAttempt));
        Assert.NotNull(failed.NextAttemptAt);
        Assert.Empty(_receiver.Requests);
    }

    [Fact]
    public async Task A_body_that_its_shape_makes_too_large_is_not_sent_and_spends_an_attempt()
    {
        var shape = JsonText.Of(Encoding.UTF8.GetBytes($$$"""{"set":{"x.y":"{{{new string('z', 16_000)}}}"}}"""));
        await installation.Register(_receiver.Url, c => c with { Shape = shape, RetryPolicy = new FixedRetry(1), MaxAttempts = 2 }, _company);
        var payload = Encoding.UTF8.GetBytes($$"""{"x":[{{string.Join(",", Enumerable.Repeat("{}", 1_000))}}]}""");
        var emitted = await _node.Acceptance.Emit(new EventToEmit(_company, "order.paid", payload, null, null, Guid.NewGuid()), default);
        var facts = await UntilExhausted(Assert.Single(Assert.IsType<EmitOutcome.Accepted>(emitted).Deliveries));
        Assert.Equal([(FailureClass.Blocked, false), (FailureClass.Blocked, false)], facts.OfType<AttemptFailed>().Select(f => (f.Attempt.Failure!.Value, f.SpentNoAttempt)));
        Assert.Equal($"The shaped body would have more than {RequestBody.MaxBytes(payload.Length)} bytes. Nothing was sent.", facts.OfType<AttemptFailed>().First().Attempt.Detail);
        Assert.Equal(new DeliveryExhausted { Reason = ExhaustedReason.Attempts }, facts[^1]);
        Assert.Empty(_receiver.Requests);
    }

    [Theory]
    [InlineData(410, null, DisabledReason.Gone)]
    [InlineData(500, "disable", DisabledReason.Receiver)]
    public async Task A_receiver_that_takes_nothing_more_disables_its_webhook_and_parks_the_delivery(int status, string? header, DisabledReason reason)
    {
        _receiver.Headers = header is null ? [] : [("webhook-delivery", header)];
        _receiver.Answer = _ => Task.FromResult(status);
        var webhook = await Register(new FixedRetry(1));
        var (message, delivery) = await Emit();
        await Eventually.Is(async () => (await installation.Facts(webhook.Value)).OfType<WebhookDisabled>().Any(d => d.Reason == reason), "the webhook is disabled");
        Assert.IsType<DeliveryDeferred>((await installation.Facts(delivery.Value))[^1]);
        Assert.Equal(message.Value, await installation.Scalar<Guid>($"select correlation from es.events where stream_id = '{webhook.Value}' and type = 'webhook.disabled.v1'"));

        (_receiver.Headers, _receiver.Answer) = ([], _ => Task.FromResult(200));
        await installation.Change(webhook, new EnableWebhook(), _company);
        await Until(delivery, f => f is [.., AttemptSucceeded], "it was sent after enabling");
    }

    [Fact]
    public async Task Many_answers_of_410_disable_a_webhook_once()
    {
        _receiver.Answer = _ => Task.FromResult(410);
        var webhook = await Register(new FixedRetry(1));
        var deliveries = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Emit()));
        await Eventually.Is(async () => (await Task.WhenAll(deliveries.Select(d => installation.Facts(d.Delivery.Value)))).All(f => f is [.., DeliveryDeferred]), "all are parked");
        await Eventually.Is(() => _node.Pump.UnderWay == 0, "nothing is under way");
        Assert.Single((await installation.Facts(webhook.Value)).OfType<WebhookDisabled>());
    }

    [Fact]
    public async Task A_message_that_was_taken_stands_and_still_disables_the_webhook_that_asks_for_it()
    {
        _receiver.Headers = [("webhook-delivery", "disable, abort-message")];
        var webhook = await Register(new FixedRetry(1));
        var (_, delivery) = await Emit();
        await Eventually.Is(async () => (await installation.Facts(webhook.Value)).OfType<WebhookDisabled>().Any(d => d.Reason == DisabledReason.Receiver), "the webhook is disabled");
        Assert.IsType<AttemptSucceeded>(Assert.Single(await installation.Facts(delivery.Value)));
    }

    [Fact]
    public async Task A_message_that_is_declined_is_not_sent_again()
    {
        _receiver.Headers = [("webhook-delivery", "abort-message")];
        _receiver.Answer = _ => Task.FromResult(500);
        var webhook = await Register(new FixedRetry(1));
        Assert.Equal(new DeliveryExhausted { Reason = ExhaustedReason.Aborted }, (await UntilExhausted((await Emit()).Delivery))[^1]);
        Assert.Single(_receiver.Requests);
        Assert.DoesNotContain(await installation.Facts(webhook.Value), f => f is WebhookDisabled);
    }

    [Fact]
    public async Task A_test_that_is_answered_410_changes_nothing_but_itself()
    {
        _receiver.Answer = _ => Task.FromResult(410);
        var webhook = await Register(new FixedRetry(1));
        var (emitted, _) = await _node.Tests.Send(_company, webhook, "{}"u8.ToArray(), null, Guid.NewGuid(), TimeSpan.FromSeconds(30), default);
        await UntilExhausted(Assert.Single(Assert.IsType<EmitOutcome.Accepted>(emitted).Deliveries));
        Assert.DoesNotContain(await installation.Facts(webhook.Value), f => f is WebhookDisabled);
    }

    [Fact]
    public async Task A_resend_during_a_pending_retry_goes_on_with_the_same_series()
    {
        using var closed = new ClosedPort();
        var webhook = await Register(new FixedRetry(3_600_000) { Attempts = new AttemptLimits(3, 2, 3) }, closed.Url);
        var (message, delivery) = await Emit();
        await Until(delivery, f => f is [AttemptFailed], "the first attempt failed");
        Assert.Null(await _node.Resends.Resend(new DeliveryPlan(delivery, message, webhook, _company), WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default));
        Assert.Equal(
            [typeof(AttemptFailed), typeof(ResendRequested), typeof(AttemptFailed), typeof(DeliveryExhausted)], (await UntilExhausted(delivery)).Select(f => f.GetType()));

        Assert.Null(await _node.Resends.Resend(new DeliveryPlan(delivery, message, webhook, _company), WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default));
        await Until(delivery, f => f.OfType<AttemptFailed>().Count() == 3, "the new series began");
        Assert.Equal("1 1 true", await installation.Scalar<string>($"select format('%s %s %s', failures, network_failures, (resent_at is not null)::text) from delivery.queue where delivery_id = '{delivery.Value}'"));
    }

    [Fact]
    public async Task A_company_has_a_policy_for_webhooks_without_one()
    {
        _receiver.Answer = _ => Task.FromResult(500);
        await Register(null);
        await ChangeSettings(new CompanySettings { DefaultRetryPolicy = new FixedRetry(1) { MaxAttempts = 2 } });
        await Eventually.Is(async () => (await _node.Routing.For(_company)).DefaultRetryPolicy is not null, "the node knows the policy");
        Assert.Equal(2, (await UntilExhausted((await Emit()).Delivery)).OfType<AttemptFailed>().Count());
    }

    /// <summary>As the projections and the store do: the fact's settings in the company's row, and the routing version moved.</summary>
    private async Task ChangeSettings(CompanySettings settings)
    {
        await using (var row = installation.DataSource.CreateCommand("insert into read.companies (company_id, code, name, version, created_at, settings) values ($1, $2, 'Test', 2, now(), $3)"))
        {
            row.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _company.Value });
            row.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _company.ToString() });
            row.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = JsonSerializer.SerializeToUtf8Bytes(settings, FactJson.Instance.CompanySettings) });
            await row.ExecuteNonQueryAsync();
        }

        await using var session = await installation.Store().OpenSession(default);
        session.Append(_company.Value, 0, [new CompanySettingsChanged(settings)], new FactMeta(_company, null, Guid.NewGuid()));
        Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
    }
}
