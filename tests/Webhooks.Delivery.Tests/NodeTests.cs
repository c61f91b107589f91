using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Sending;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests;

/// <summary>A whole node from accept to outcome, on real PostgreSQL and real HTTP.</summary>
public sealed class NodeTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private readonly List<DeliveryNode> _nodes = [];
    private Receiver _receiver = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.Start();
        _node = await StartNode();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _receiver.DisposeAsync();
    }

    private async Task<DeliveryNode> StartNode(DeliveryOptions? options = null)
    {
        var signal = new LogSignal(TimeProvider.System);
        var node = new DeliveryNode(
            installation.DataSource, installation.Store(signal), signal, new DatabaseClock(TimeProvider.System), installation.Sealer,
            new EgressClient(new EgressOptions { AllowNetworks = ["127.0.0.0/8"] }, TimeProvider.System),
            options ?? new DeliveryOptions { Lease = TimeSpan.FromSeconds(1), Poll = TimeSpan.FromMilliseconds(100) }, TimeProvider.System, NullLoggerFactory.Instance);
        _nodes.Add(node);
        await node.StartAsync(default);
        return node;
    }

    private Task<EmitOutcome> Emit(string payload = "{}", string type = "order.paid", CompanyId? company = null, DeliveryNode? node = null) =>
        (node ?? _node).Acceptance.Emit(new EventToEmit(company ?? installation.Company, type, Encoding.UTF8.GetBytes(payload), null, null, Guid.NewGuid()), default);

    private async Task<EmitOutcome.Accepted> Accepted(string payload = "{}", string type = "order.paid", CompanyId? company = null, DeliveryNode? node = null) =>
        Assert.IsType<EmitOutcome.Accepted>(await Emit(payload, type, company, node));

    private Task HasFacts(DeliveryId delivery, params Type[] types) => Eventually.Is(
        async () => (await installation.Facts(delivery.Value)).Select(f => f.GetType()).SequenceEqual(types), $"{delivery} has {string.Join(", ", types.Select(t => t.Name))}");

    private async Task<bool> IsQueued(DeliveryId delivery) => await installation.Scalar<long>($"select count(*) from delivery.queue where delivery_id = '{delivery.Value}'") == 1;

    /// <summary>A row such as a killed node leaves: in the memory of an owner that is gone.</summary>
    private async Task<(MessageId Message, DeliveryId Delivery)> LeaveRow(CompanyId company)
    {
        var message = new MessageId(Guid.CreateVersion7());
        var delivery = new DeliveryId(Guid.CreateVersion7());
        var webhook = await installation.Scalar<Guid>($"select webhook_id from read.webhooks where company_id = '{company.Value}'");
        await installation.Scalar<int>($"""
            with p as (insert into es.payloads values ('{message.Value}', '{company.Value}', 'order.paid', now(), 'x') returning 1)
            insert into delivery.queue values ('{delivery.Value}', 7, '{webhook}', '{message.Value}', 0, 0, 0, null) returning 1
            """);
        return (message, delivery);
    }

    private static CompanyId NewCompany() => new(Guid.CreateVersion7());

    [Fact]
    public async Task An_accepted_event_arrives_byte_for_byte_with_a_signature_that_verifies()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        const string Payload = """{ "n": 1.0, "big":12345678901234567890 , "s":"<é>" }""";
        var accepted = await Accepted(Payload, company: company);
        Assert.Equal(1, accepted.MatchedWebhooks);

        await HasFacts(accepted.Deliveries[0], typeof(AttemptSucceeded));
        var received = Assert.Single(_receiver.Requests);
        Assert.Equal(Payload, Encoding.UTF8.GetString(received.Body));
        Assert.Equal(accepted.Message.ToString(), received.Id);
        Assert.Equal(accepted.Deliveries[0].ToString(), received.Headers["webhook-delivery-id"]);
        Assert.Equal("order.paid", received.Headers["webhook-event-type"]);
        var signed = Encoding.UTF8.GetBytes($"{received.Id}.{received.Headers["webhook-timestamp"]}.{Payload}");
        var key = Convert.FromBase64String(installation.Secret["whsec_".Length..]);
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)), received.Headers["webhook-signature"]);
        await Eventually.Is(async () => !await IsQueued(accepted.Deliveries[0]), "the delivery has left the queue");
    }

    [Fact]
    public async Task A_receiver_that_fails_twice_gets_a_third_attempt_with_the_same_id()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        _receiver.Answer = r => Task.FromResult(r.Attempt < 3 ? 503 : 204);
        var accepted = await Accepted(company: company);

        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed), typeof(AttemptFailed), typeof(AttemptSucceeded));
        Assert.Equal([1, 2, 3], _receiver.Requests.Select(r => r.Attempt));
        Assert.Single(_receiver.Requests.Select(r => r.Id).Distinct());
        var failed = (AttemptFailed)(await installation.Facts(accepted.Deliveries[0].Value))[0];
        Assert.Equal((503, FailureClass.Status), (failed.Attempt.StatusCode, failed.Attempt.Failure));
        Assert.NotNull(failed.NextAttemptAt);
        Assert.Equal("no, thank you".Length, failed.Attempt.ResponseBody?.Size);
    }

    [Fact]
    public async Task Attempts_used_up_exhaust_the_delivery_and_a_resend_starts_anew()
    {
        var company = NewCompany();
        var webhook = await installation.Register(_receiver.Url, c => c with { MaxAttempts = 2 }, company);
        _receiver.Answer = r => Task.FromResult(r.Attempt < 3 ? 500 : 200);
        var accepted = await Accepted(company: company);
        var delivery = accepted.Deliveries[0];
        await HasFacts(delivery, typeof(AttemptFailed), typeof(AttemptFailed), typeof(DeliveryExhausted));
        Assert.False(await IsQueued(delivery));

        var refusal = await _node.Resends.Resend(new DeliveryPlan(delivery, accepted.Message, webhook, company), WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default);
        Assert.Null(refusal);
        await HasFacts(delivery, typeof(AttemptFailed), typeof(AttemptFailed), typeof(DeliveryExhausted), typeof(ResendRequested), typeof(AttemptSucceeded));
        Assert.Equal(3, _receiver.Requests.Last().Attempt);
    }

    [Fact]
    public async Task Only_webhooks_that_take_the_type_match()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, c => c with { EventTypes = new[] { "order.paid", "order.sent" } }, company);
        await installation.Register(_receiver.Url, company: company);
        Assert.Equal(2, (await Accepted(type: "order.paid", company: company)).MatchedWebhooks);
        Assert.Equal(1, (await Accepted(type: "user.created", company: company)).MatchedWebhooks);
    }

    [Fact]
    public async Task A_webhook_created_elsewhere_gets_the_next_event()
    {
        var company = NewCompany();
        await Accepted(company: company);
        for (var expected = 1; expected <= 10; expected++)
        {
            // Straight into the database: this node is not told. Its next accept finds out in its transaction.
            await installation.Register(_receiver.Url, company: company);
            Assert.Equal(expected, (await Accepted(company: company)).MatchedWebhooks);
        }
    }

    [Fact]
    public async Task A_disabled_webhook_parks_its_deliveries_and_enabling_sends_them()
    {
        var company = NewCompany();
        var webhook = await installation.Register(_receiver.Url, company: company);
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), company);
        var first = await Accepted(company: company);
        var second = await Accepted(company: company);
        await HasFacts(first.Deliveries[0], typeof(DeliveryDeferred));
        await HasFacts(second.Deliveries[0], typeof(DeliveryDeferred));
        Assert.Empty(_receiver.Requests);

        await installation.Change(webhook, new EnableWebhook(), company);
        await HasFacts(first.Deliveries[0], typeof(DeliveryDeferred), typeof(AttemptSucceeded));
        await HasFacts(second.Deliveries[0], typeof(DeliveryDeferred), typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task Disabling_parks_what_waits_for_a_retry_too()
    {
        var company = NewCompany();
        var webhook = await installation.Register(_receiver.Url, c => c with { RetryPolicy = new FixedRetry(3_600_000) }, company);
        _receiver.Answer = _ => Task.FromResult(500);
        var accepted = await Accepted(company: company);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed));
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), company);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed), typeof(DeliveryDeferred));
    }

    [Fact]
    public async Task Deleting_a_webhook_cancels_what_waits()
    {
        var company = NewCompany();
        var webhook = await installation.Register(_receiver.Url, c => c with { RetryPolicy = new FixedRetry(3_600_000) }, company);
        _receiver.Answer = _ => Task.FromResult(500);
        var accepted = await Accepted(company: company);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed));
        await installation.Change(webhook, new DeleteWebhook(), company);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed), typeof(DeliveryCancelled));
        Assert.False(await IsQueued(accepted.Deliveries[0]));
        Assert.Single(_receiver.Requests);
    }

    [Fact]
    public async Task An_attempt_under_way_when_its_webhook_is_deleted_is_recorded()
    {
        var company = NewCompany();
        var webhook = await installation.Register(_receiver.Url, company: company);
        var answer = new TaskCompletionSource<int>();
        _receiver.Answer = _ => answer.Task;
        var accepted = await Accepted(company: company);
        await _receiver.HasReceived(1);
        await installation.Change(webhook, new DeleteWebhook(), company);
        answer.SetResult(200);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task A_get_webhook_gets_no_body_and_signs_its_query()
    {
        var company = NewCompany();
        await installation.Register(new Uri(_receiver.Url + "?a=1&b=%20x"), c => c with { Method = "GET" }, company);
        await Accepted("""{"secret":"payload"}""", company: company);
        await _receiver.HasReceived(1);
        var received = Assert.Single(_receiver.Requests);
        Assert.Empty(received.Body);
        var signed = Encoding.UTF8.GetBytes($"{received.Id}.{received.Headers["webhook-timestamp"]}.a=1&b=%20x");
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(installation.Secret["whsec_".Length..]), signed)), received.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task A_streem_webhook_gets_the_vendors_body_and_headers()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, c => c with { SignatureScheme = SignatureScheme.Streem }, company);
        await Accepted("""{ "a" : 1.0 }""", "group_reservation_updated", company);
        await _receiver.HasReceived(1);
        var received = Assert.Single(_receiver.Requests);
        var sentAt = received.Headers["Streem-Sent-At"];
        Assert.Equal("{\"sent_at\":\"" + sentAt + "\",\"event\":{\"event_type\":\"group_reservation_updated\",\"payload\":{\"a\":1}}}", Encoding.UTF8.GetString(received.Body));
        Assert.Equal("Streem-Sent-At", received.Headers["Streem-Signature-Headers"]);
        var signed = $"Streem-Sent-At={sentAt};{Encoding.UTF8.GetString(received.Body)}";
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(installation.Secret), Encoding.UTF8.GetBytes(signed))), received.Headers["Streem-Signature"]);
    }

    [Fact]
    public async Task A_getstream_webhook_is_told_which_attempt_it_is_under_one_id()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, c => c with { SignatureScheme = SignatureScheme.GetStream, ApiKey = "app-7" }, company);
        _receiver.Answer = r => Task.FromResult(r.Attempt == 1 ? 500 : 200);
        await Accepted("""{ "type" : "message.new" }""", company: company);
        await _receiver.HasReceived(2);
        var received = _receiver.Requests.ToList();
        Assert.Equal(["1", "2"], received.Select(r => r.Headers["X-WEBHOOK-ATTEMPT"]));
        Assert.Equal([received[0].Id], received.Select(r => r.Headers["X-WEBHOOK-ID"]).Distinct());
        Assert.Equal("""{ "type" : "message.new" }""", Encoding.UTF8.GetString(received[0].Body));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(installation.Secret), received[0].Body));
        Assert.All(received, r => Assert.Equal(("app-7", signature), (r.Headers["X-API-KEY"], r.Headers["X-SIGNATURE"])));
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_gets_the_first_answer_and_sends_nothing_new()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        var request = new EventToEmit(company, "order.paid", "{}"u8.ToArray(), "key-1", null, Guid.NewGuid());
        var first = Assert.IsType<EmitOutcome.Accepted>(await _node.Acceptance.Emit(request, default));
        var again = Assert.IsType<EmitOutcome.Accepted>(await _node.Acceptance.Emit(request, default));
        Assert.Equal((first.Message, first.EmittedAt, 1, true), (again.Message, again.EmittedAt, again.MatchedWebhooks, again.Repeated));
        var taken = Assert.IsType<EmitOutcome.KeyTaken>(await _node.Acceptance.Emit(request with { Payload = "[]"u8.ToArray() }, default));
        Assert.Equal(first.Message, taken.By);
        Assert.Equal(1, await installation.Scalar<long>($"select count(*) from es.payloads where company_id = '{company.Value}'"));
    }

    [Fact]
    public async Task A_test_event_is_sent_once_and_its_outcome_is_known()
    {
        var company = NewCompany();
        var webhook = await installation.Register(_receiver.Url, company: company);
        _receiver.Answer = _ => Task.FromResult(500);
        var (emitted, attempted) = await _node.Tests.Send(company, webhook, "{}"u8.ToArray(), null, Guid.NewGuid(), TimeSpan.FromSeconds(30), default);
        Assert.True(attempted);
        var delivery = Assert.Single(Assert.IsType<EmitOutcome.Accepted>(emitted).Deliveries);
        await HasFacts(delivery, typeof(AttemptFailed), typeof(DeliveryExhausted));
    }

    [Fact]
    public async Task More_than_fits_in_memory_waits_in_the_queue_and_is_delivered()
    {
        await _node.DisposeAsync();
        var small = await StartNode(new DeliveryOptions { MaxInMemory = 5, MaxInFlight = 2, Lease = TimeSpan.FromSeconds(1), Poll = TimeSpan.FromMilliseconds(50) });
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        var accepted = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Accepted(company: company, node: small)));
        await _receiver.HasReceived(100);
        await Eventually.Is(async () => await installation.Scalar<long>($"select count(*) from delivery.queue q join es.payloads p using (message_id) where company_id = '{company.Value}'") == 0, "the queue is empty");
        Assert.Equal(accepted.Select(a => a.Message.ToString()).Order(), _receiver.Requests.Select(r => r.Id).Order());
    }

    [Fact]
    public async Task A_node_that_only_accepts_hands_over_to_one_that_delivers()
    {
        var api = await StartNode(new DeliveryOptions { Delivers = false, Poll = TimeSpan.FromMilliseconds(100) });
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        var accepted = await Accepted(company: company, node: api);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task What_a_node_had_in_memory_is_delivered_by_the_next_one()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        await _node.StopAsync(default);

        var (_, delivery) = await LeaveRow(company);
        await StartNode();
        await HasFacts(delivery, typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task Stopping_waits_for_requests_under_way_and_records_them()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        var answer = new TaskCompletionSource<int>();
        _receiver.Answer = _ => answer.Task;
        var accepted = await Accepted(company: company);
        await _receiver.HasReceived(1);
        var stopping = _node.StopAsync(default);
        Assert.False(stopping.IsCompleted);
        answer.SetResult(200);
        await Eventually.Arrives(stopping, "the node has stopped");
        Assert.IsType<AttemptSucceeded>(Assert.Single(await installation.Facts(accepted.Deliveries[0].Value)));
        Assert.Equal(0, await installation.Scalar<long>("select count(*) from delivery.shards where owner is not null"));
    }

    [Fact]
    public async Task An_outcome_that_another_node_recorded_first_is_dropped()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        var answer = new TaskCompletionSource<int>();
        _receiver.Answer = _ => answer.Task;
        var accepted = await Accepted(company: company);
        var delivery = accepted.Deliveries[0];
        await _receiver.HasReceived(1);

        var theirs = new Attempt(1, DateTimeOffset.UnixEpoch, 1, 200, null, null, 2, Array.Empty<Header>(), Array.Empty<Header>(), null);
        await using (var session = await installation.Store().OpenSession(default))
        {
            session.Append(delivery.Value, 0, [new AttemptSucceeded(theirs)], new FactMeta(company, null, Guid.NewGuid()));
            Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
        }

        answer.SetResult(500);
        await Eventually.Is(() => _node.Pump.UnderWay == 0, "the attempt is over");
        Assert.Equal(theirs, ((AttemptSucceeded)Assert.Single(await installation.Facts(delivery.Value))).Attempt);
    }

    [Fact]
    public async Task A_resend_asked_for_during_an_attempt_loses_neither()
    {
        var company = NewCompany();
        var webhook = await installation.Register(_receiver.Url, c => c with { RetryPolicy = new FixedRetry(3_600_000) }, company);
        _receiver.Answer = _ => Task.FromResult(500);
        var accepted = await Accepted(company: company);
        var delivery = accepted.Deliveries[0];
        await HasFacts(delivery, typeof(AttemptFailed));

        // The hurried retry is under way when the waiting one is hurried again.
        var answer = new TaskCompletionSource<int>();
        _receiver.Answer = _ => answer.Task;
        var plan = new DeliveryPlan(delivery, accepted.Message, webhook, company);
        Assert.Null(await _node.Resends.Resend(plan, WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default));
        await _receiver.HasReceived(2);
        Assert.Null(await _node.Resends.Resend(plan, WebhookStatus.Active, DateTimeOffset.UtcNow.AddSeconds(1), null, Guid.NewGuid(), default));
        answer.SetResult(200);
        await HasFacts(delivery, typeof(AttemptFailed), typeof(ResendRequested), typeof(AttemptSucceeded));
        Assert.Equal(2, _receiver.Requests.Count);
    }

    [Fact]
    public async Task A_row_that_fell_out_of_memory_is_made_due_again()
    {
        var company = NewCompany();
        await installation.Register(_receiver.Url, company: company);
        var (message, delivery) = await LeaveRow(company);
        _node.Shards.InDoubt();
        await HasFacts(delivery, typeof(AttemptSucceeded));
        Assert.Equal(message.ToString(), Assert.Single(_receiver.Requests).Id);
    }
}
