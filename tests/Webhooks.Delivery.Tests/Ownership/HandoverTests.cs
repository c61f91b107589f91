using Webhooks.Delivery.Accepting;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ownership;

/// <summary>Deliveries that leave a node's memory: by its bounds, by its end, or because somebody else was faster.</summary>
public sealed class HandoverTests(Installation installation) : OneNode(installation)
{
    [Fact]
    public async Task More_than_fits_in_memory_waits_in_the_queue_and_is_delivered()
    {
        await Node.DisposeAsync();
        var small = await StartNode(Installation.Patient with { MaxInMemory = 5, MaxInFlight = 2, Poll = TimeSpan.FromMilliseconds(50) });
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        var accepted = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Accepted(company: company, node: small)));
        await Receiver.HasReceived(100);
        await Eventually.Is(async () => await Installation.Scalar<long>($"select count(*) from delivery.queue q join es.payloads p using (message_id) where company_id = '{company.Value}'") == 0, "the queue is empty");
        Assert.Equal(accepted.Select(a => a.Message.ToString()).Order(), Receiver.Requests.Select(r => r.Id).Order());
    }

    [Fact]
    public async Task A_node_that_only_accepts_hands_over_to_one_that_delivers()
    {
        var api = await StartNode(Installation.Patient with { Delivers = false });
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        var accepted = await Accepted(company: company, node: api);
        await HasFacts(accepted.Deliveries[0], typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task What_a_node_had_in_memory_is_delivered_by_the_next_one()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        await Node.StopAsync(default);

        var (_, delivery) = await LeaveRow(company);
        await StartNode();
        await HasFacts(delivery, typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task Stopping_waits_for_requests_under_way_and_records_them()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        var answer = new TaskCompletionSource<int>();
        Receiver.Answer = _ => answer.Task;
        var accepted = await Accepted(company: company);
        await Receiver.HasReceived(1);
        var stopping = Node.StopAsync(default);
        Assert.False(stopping.IsCompleted);
        answer.SetResult(200);
        await Eventually.Arrives(stopping, "the node has stopped");
        Assert.IsType<AttemptSucceeded>(Assert.Single(await Installation.Facts(accepted.Deliveries[0].Value)));
        Assert.Equal(0, await Installation.Scalar<long>("select count(*) from delivery.shards where owner is not null"));
    }

    [Fact]
    public async Task An_outcome_that_another_node_recorded_first_is_dropped()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        var answer = new TaskCompletionSource<int>();
        Receiver.Answer = _ => answer.Task;
        var accepted = await Accepted(company: company);
        var delivery = accepted.Deliveries[0];
        await Receiver.HasReceived(1);

        var theirs = new Attempt(1, DateTimeOffset.UnixEpoch, 1, 200, null, null, 2, Array.Empty<Header>(), Array.Empty<Header>(), null);
        await using (var session = await Installation.Store().OpenSession(default))
        {
            session.Append(delivery.Value, 0, [new AttemptSucceeded(theirs)], new FactMeta(company, null, Guid.NewGuid()));
            Assert.IsType<SaveResult.Saved>(await session.SaveChanges(default));
        }

        answer.SetResult(500);
        await Eventually.Is(() => Node.Pump.UnderWay == 0, "the attempt is over");
        Assert.Equal(theirs, ((AttemptSucceeded)Assert.Single(await Installation.Facts(delivery.Value))).Attempt);
    }

    [Fact]
    public async Task A_resend_asked_for_during_an_attempt_loses_neither()
    {
        var company = NewCompany();
        var webhook = await Installation.Register(Receiver.Url, c => c with { RetryPolicy = new FixedRetry(3_600_000) }, company);
        Receiver.Answer = _ => Task.FromResult(500);
        var accepted = await Accepted(company: company);
        var delivery = accepted.Deliveries[0];
        await HasFacts(delivery, typeof(AttemptFailed));

        // The hurried retry is under way when the waiting one is hurried again.
        var answer = new TaskCompletionSource<int>();
        Receiver.Answer = _ => answer.Task;
        var plan = new DeliveryPlan(delivery, accepted.Message, webhook, company);
        Assert.Null(await Node.Resends.Resend(plan, WebhookStatus.Active, DateTimeOffset.UtcNow, null, Guid.NewGuid(), default));
        await Receiver.HasReceived(2);
        Assert.Null(await Node.Resends.Resend(plan, WebhookStatus.Active, DateTimeOffset.UtcNow.AddSeconds(1), null, Guid.NewGuid(), default));
        answer.SetResult(200);
        await HasFacts(delivery, typeof(AttemptFailed), typeof(ResendRequested), typeof(AttemptSucceeded));
        Assert.Equal(2, Receiver.Requests.Count);
    }

    [Fact]
    public async Task A_row_that_fell_out_of_memory_is_made_due_again()
    {
        var company = NewCompany();
        await Installation.Register(Receiver.Url, company: company);
        var (message, delivery) = await LeaveRow(company);
        Node.Shards.InDoubt();
        await HasFacts(delivery, typeof(AttemptSucceeded));
        Assert.Equal(message.ToString(), Assert.Single(Receiver.Requests).Id);
    }

    /// <summary>A row such as a killed node leaves: in the memory of an owner that is gone.</summary>
    private async Task<(MessageId Message, DeliveryId Delivery)> LeaveRow(CompanyId company)
    {
        var message = new MessageId(Guid.CreateVersion7());
        var delivery = new DeliveryId(Guid.CreateVersion7());
        var webhook = await Installation.Scalar<Guid>($"select webhook_id from read.webhooks where company_id = '{company.Value}'");
        await Installation.Scalar<int>($"""
            with p as (insert into es.payloads values ('{message.Value}', '{company.Value}', 'order.paid', now(), 'x') returning 1)
            insert into delivery.queue values ('{delivery.Value}', 7, '{webhook}', '{message.Value}', 0, 0, 0, null) returning 1
            """);
        return (message, delivery);
    }
}
