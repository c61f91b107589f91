using System.Security.Cryptography;
using System.Text;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests;

/// <summary>A whole node from accept to outcome, on real PostgreSQL and real HTTP.</summary>
public sealed class NodeTests(Installation installation) : OneNode(installation)
{
    [Fact]
    public async Task An_accepted_event_arrives_byte_for_byte_with_a_signature_that_verifies()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        const string Payload = """{ "n": 1.0, "big":12345678901234567890 , "s":"<é>" }""";
        var accepted = await Accepted(Payload, company: company);
        Assert.Equal(1, accepted.MatchedWebhooks);

        await HasFacts(accepted.Deliveries[0], typeof(AttemptSucceeded));
        var received = Assert.Single(Receiver.Requests);
        Assert.Equal(Payload, Encoding.UTF8.GetString(received.Body));
        Assert.Equal(accepted.Message.ToString(), received.Id);
        Assert.Equal(accepted.Deliveries[0].ToString(), received.Headers["webhook-delivery-id"]);
        Assert.Equal("order.paid", received.Headers["webhook-event-type"]);
        var signed = Encoding.UTF8.GetBytes($"{received.Id}.{received.Headers["webhook-timestamp"]}.{Payload}");
        var key = Convert.FromBase64String(Installation.Secret["whsec_".Length..]);
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)), received.Headers["webhook-signature"]);
        await Eventually.Is(async () => !await IsQueued(accepted.Deliveries[0]), "the delivery has left the queue");
    }

    [Fact]
    public async Task A_receiver_that_fails_twice_gets_a_third_attempt_with_the_same_id()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        Receiver.Answer = r => Task.FromResult(r.Attempt < 3 ? 503 : 204);
        var accepted = await Accepted(company: company);

        await HasFacts(accepted.Deliveries[0], typeof(AttemptFailed), typeof(AttemptFailed), typeof(AttemptSucceeded));
        Assert.Equal([1, 2, 3], Receiver.Requests.Select(r => r.Attempt));
        Assert.Single(Receiver.Requests.Select(r => r.Id).Distinct());
        var failed = (AttemptFailed)(await Installation.Facts(accepted.Deliveries[0].Value))[0];
        Assert.Equal((503, FailureClass.Status), (failed.Attempt.StatusCode, failed.Attempt.Failure));
        Assert.NotNull(failed.NextAttemptAt);
        Assert.Equal("no, thank you".Length, failed.Attempt.ResponseBody?.Size);
    }

    [Fact]
    public async Task Attempts_used_up_exhaust_the_delivery_and_a_resend_starts_anew()
    {
        var company = NewCompany();
        var webhook = await Installation.Register(Receiver.Url, c => c with { MaxAttempts = 2 }, company);
        Receiver.Answer = r => Task.FromResult(r.Attempt < 3 ? 500 : 200);
        var accepted = await Accepted(company: company);
        var delivery = accepted.Deliveries[0];
        await HasFacts(delivery, typeof(AttemptFailed), typeof(AttemptFailed), typeof(DeliveryExhausted));
        Assert.False(await IsQueued(delivery));

        var refusal = await Node.Resends.Resend(new DeliveryPlan(delivery, accepted.Message, webhook, company), WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default);
        Assert.Null(refusal);
        await HasFacts(delivery, typeof(AttemptFailed), typeof(AttemptFailed), typeof(DeliveryExhausted), typeof(ResendRequested), typeof(AttemptSucceeded));
        Assert.Equal(3, Receiver.Requests.Last().Attempt);
    }

    [Fact]
    public async Task Only_webhooks_that_take_the_type_match()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, c => c with { EventTypes = new[] { "order.paid", "order.sent" } }, company);
        await Installation.Register(Receiver.Url, company: company);
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
            await Installation.Register(Receiver.Url, company: company);
            Assert.Equal(expected, (await Accepted(company: company)).MatchedWebhooks);
        }
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_gets_the_first_answer_and_sends_nothing_new()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        var request = new EventToEmit(company, "order.paid", "{}"u8.ToArray(), "key-1", null, Guid.NewGuid());
        var first = Assert.IsType<EmitOutcome.Accepted>(await Node.Acceptance.Emit(request, default));
        var again = Assert.IsType<EmitOutcome.Accepted>(await Node.Acceptance.Emit(request, default));
        Assert.Equal((first.Message, first.EmittedAt, 1, true), (again.Message, again.EmittedAt, again.MatchedWebhooks, again.Repeated));
        var taken = Assert.IsType<EmitOutcome.KeyTaken>(await Node.Acceptance.Emit(request with { Payload = "[]"u8.ToArray() }, default));
        Assert.Equal(first.Message, taken.By);
        Assert.Equal(1, await Installation.Scalar<long>($"select count(*) from es.payloads where company_id = '{company.Value}'"));
    }

    [Fact]
    public async Task A_test_event_is_sent_once_and_its_outcome_is_known()
    {
        var company = NewCompany();
        var webhook = await Installation.Register(Receiver.Url, company: company);
        Receiver.Answer = _ => Task.FromResult(500);
        var (emitted, attempted) = await Node.Tests.Send(company, webhook, "{}"u8.ToArray(), null, Guid.NewGuid(), TimeSpan.FromSeconds(30), default);
        Assert.True(attempted);
        var delivery = Assert.Single(Assert.IsType<EmitOutcome.Accepted>(emitted).Deliveries);
        await HasFacts(delivery, typeof(AttemptFailed), typeof(DeliveryExhausted));
    }
}
