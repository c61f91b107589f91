using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Health;

/// <summary>What becomes of a webhook that fails, on real PostgreSQL and real HTTP.</summary>
public sealed class PausingTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private readonly Nodes _nodes = new(installation);
    private Receiver _receiver = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.Start();
        _node = await _nodes.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private void Answer(int status) => _receiver.Answer = _ => Task.FromResult(status);

    private async Task<WebhookId> GivenPaused()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        Answer(500);
        await _nodes.Pause(_node, webhook);
        _receiver.Requests.Clear();
        return webhook;
    }

    [Fact]
    public async Task A_webhook_that_fails_is_degraded_then_paused_and_each_is_one_fact()
    {
        var webhook = await GivenPaused();
        var changes = await _nodes.Changes(webhook);
        Assert.Equal([typeof(WebhookDegraded), typeof(WebhookPaused)], changes.Select(c => c.GetType()));
        Assert.Equal(2, ((WebhookDegraded)changes[0]).ConsecutiveFailures);
        var paused = (WebhookPaused)changes[1];
        Assert.Equal((4, TimeSpan.FromHours(1)), (paused.ConsecutiveFailures, paused.FirstProbeAt - paused.At));
        Assert.True(paused.FailingSince < paused.At);
    }

    [Fact]
    public async Task What_is_emitted_for_a_paused_webhook_is_parked_and_spends_no_attempt()
    {
        await GivenPaused();
        var delivery = await _nodes.Emit(_node);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred));
        Assert.Equal(new DeliveryDeferred(DeferredReason.WebhookPaused), (await installation.Facts(delivery.Value))[0]);
        Assert.Empty(_receiver.Requests);
    }

    [Fact]
    public async Task What_waits_for_a_retry_is_parked_with_the_rest()
    {
        var webhook = await installation.Register(_receiver.Url, c => c with { RetryPolicy = new FixedRetry(3_600_000) }, _nodes.Company);
        Answer(500);
        var deliveries = new List<DeliveryId>();
        for (var i = 0; i < 4; i++)
        {
            deliveries.Add(await _nodes.Emit(_node));
        }

        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused));
        foreach (var delivery in deliveries)
        {
            await _nodes.HasFacts(delivery, typeof(AttemptFailed), typeof(DeliveryDeferred));
        }
    }

    [Fact]
    public async Task The_oldest_parked_delivery_is_sent_alone_and_when_it_succeeds_the_others_follow()
    {
        var webhook = await GivenPaused();
        var parked = new List<DeliveryId>();
        for (var i = 0; i < 5; i++)
        {
            parked.Add(await _nodes.Emit(_node));
            await _nodes.HasFacts(parked[i], typeof(DeliveryDeferred));
        }

        var answer = new TaskCompletionSource<int>();
        _receiver.Answer = _ => answer.Task;
        await _nodes.ProbeNow(webhook);
        await _receiver.HasReceived(1);
        Assert.Equal(parked.Min(d => d.ToString()), _receiver.Requests.Single().Headers["webhook-delivery-id"]);
        Assert.Equal(5, await installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{webhook.Value}'"));
        Assert.Equal(4, await installation.Scalar<long>($"select count(*) from delivery.queue where webhook_id = '{webhook.Value}' and due_at = 'infinity'"));

        Answer(200);
        answer.SetResult(200);
        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused), typeof(WebhookRecovered));
        foreach (var delivery in parked)
        {
            await _nodes.HasFacts(delivery, typeof(DeliveryDeferred), typeof(AttemptSucceeded));
        }

        Assert.Equal(5, _receiver.Requests.Count);
    }

    [Fact]
    public async Task A_probe_that_fails_is_parked_again_and_exhausts_nothing()
    {
        var webhook = await GivenPaused();
        var delivery = await _nodes.Emit(_node);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred));
        for (var probe = 1; probe <= 3; probe++)
        {
            await _nodes.ProbeNow(webhook);
            Type[] once = [typeof(DeliveryDeferred), .. Enumerable.Repeat(new[] { typeof(AttemptFailed), typeof(DeliveryDeferred) }, probe).SelectMany(t => t)];
            await _nodes.HasFacts(delivery, once);
        }

        Assert.Equal(3, _receiver.Requests.Count);
        Assert.True(await installation.Scalar<bool>($"select probes = 3 and probe_at > now() + interval '50 minutes' from delivery.pauses where webhook_id = '{webhook.Value}'"));
        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused));
    }

    [Fact]
    public async Task A_probe_that_is_too_old_to_be_sent_ends_and_the_next_one_is_the_probe()
    {
        var webhook = await GivenPaused();
        var parked = new List<DeliveryId>();
        for (var i = 0; i < 3; i++)
        {
            parked.Add(await _nodes.Emit(_node));
            await _nodes.HasFacts(parked[i], typeof(DeliveryDeferred));
        }

        // Two of them belong to events of long ago.
        var oldestFirst = parked.OrderBy(d => d.ToString(), StringComparer.Ordinal).ToArray();
        await installation.Scalar<long>($"""
            with old as (
                update es.payloads p set emitted_at = now() - interval '2 hours' from delivery.queue q
                where q.message_id = p.message_id and q.delivery_id in ('{oldestFirst[0].Value}', '{oldestFirst[1].Value}') returning 1)
            select count(*) from old
            """);
        var configuration = ((WebhookCreated)(await installation.Facts(webhook.Value))[0]).Configuration;
        Answer(200);
        await installation.Change(webhook, new UpdateWebhook(configuration with { RetryPolicy = new FixedRetry(1) { MaxAgeMs = 3_600_000 } }), _nodes.Company);
        await _nodes.HasFacts(oldestFirst[2], typeof(DeliveryDeferred), typeof(AttemptSucceeded));
        foreach (var old in oldestFirst[..2])
        {
            await _nodes.HasFacts(old, typeof(DeliveryDeferred), typeof(DeliveryExhausted));
        }

        Assert.Single(_receiver.Requests);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_disabled_at_once()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        Answer(410);
        await _nodes.HasFacts(await _nodes.Emit(_node), typeof(AttemptFailed), typeof(DeliveryDeferred));
        await _nodes.HasChanged(webhook, typeof(WebhookDisabled));
        Assert.NotNull(((WebhookDisabled)(await _nodes.Changes(webhook))[0]).At);
    }

    [Fact]
    public async Task Where_nothing_is_parked_the_next_delivery_is_the_probe()
    {
        var webhook = await GivenPaused();
        Answer(200);
        await _nodes.ProbeNow(webhook);
        var delivery = await _nodes.Emit(_node);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred), typeof(AttemptSucceeded));
        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused), typeof(WebhookRecovered));
    }

    [Fact]
    public async Task A_test_that_succeeds_brings_a_paused_webhook_back_and_one_that_fails_counts_for_nothing()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        Answer(500);
        for (var i = 0; i < 6; i++)
        {
            await _node.Tests.Send(_nodes.Company, webhook, "{}"u8.ToArray(), null, Guid.NewGuid(), TimeSpan.FromSeconds(30), default);
        }

        Assert.Empty(await _nodes.Changes(webhook));
        await _nodes.Pause(_node, webhook);
        Answer(200);
        await _node.Tests.Send(_nodes.Company, webhook, "{}"u8.ToArray(), null, Guid.NewGuid(), TimeSpan.FromSeconds(30), default);
        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused), typeof(WebhookRecovered));
    }

    [Fact]
    public async Task A_changed_configuration_is_tried_at_once()
    {
        var webhook = await GivenPaused();
        var delivery = await _nodes.Emit(_node);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred));
        Answer(200);
        var configuration = ((WebhookCreated)(await installation.Facts(webhook.Value))[0]).Configuration;
        await installation.Change(webhook, new UpdateWebhook(configuration with { Label = "mended" }), _nodes.Company);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred), typeof(AttemptSucceeded));
    }

    [Fact]
    public async Task A_failed_probe_after_long_failure_disables_it_and_enabling_sends_what_is_parked()
    {
        await _node.DisposeAsync();
        _node = await _nodes.Start(Nodes.Options with { Health = Nodes.Strict with { Rules = Nodes.Strict.Rules with { DisabledAfter = TimeSpan.Zero } } });
        var webhook = await GivenPaused();
        var delivery = await _nodes.Emit(_node);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred));
        await _nodes.ProbeNow(webhook);
        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused), typeof(WebhookDisabled));
        var disabled = (WebhookDisabled)(await _nodes.Changes(webhook))[2];
        Assert.Equal((DisabledReason.Failing, 5), (disabled.Reason, disabled.ConsecutiveFailures));
        await _nodes.Hears(_node, webhook, HealthState.Disabled);

        Answer(200);
        await installation.Change(webhook, new EnableWebhook(), _nodes.Company);
        await Eventually.Is(async () => (await installation.Facts(delivery.Value))[^1] is AttemptSucceeded, "the parked delivery has arrived");
        Assert.Equal(0, await installation.Scalar<long>($"select count(*) from delivery.pauses where webhook_id = '{webhook.Value}'"));
    }

    [Fact]
    public async Task A_node_that_starts_finds_the_webhook_paused()
    {
        var webhook = await GivenPaused();
        await _node.StopAsync(default);
        var next = await _nodes.Start();
        var delivery = await _nodes.Emit(next);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred));
        Answer(200);
        await _nodes.ProbeNow(webhook);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred), typeof(AttemptSucceeded));
        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused), typeof(WebhookRecovered));
    }

    [Fact]
    public async Task When_a_node_ends_under_its_probe_another_one_probes()
    {
        var webhook = await GivenPaused();
        var delivery = await _nodes.Emit(_node);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred));
        var hangs = new TaskCompletionSource<int>();
        _receiver.Answer = _ => hangs.Task;
        await _nodes.ProbeNow(webhook);
        await _receiver.HasReceived(1);
        await _node.StopAsync(default);

        await _nodes.Start();
        Answer(200);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred), typeof(DeliveryDeferred));
        await _nodes.ProbeNow(webhook);
        await _nodes.HasFacts(delivery, typeof(DeliveryDeferred), typeof(DeliveryDeferred), typeof(AttemptSucceeded));
        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused), typeof(WebhookRecovered));
        hangs.SetResult(200);
    }

    [Fact]
    public async Task Of_a_webhook_that_succeeds_nothing_is_kept()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        await _nodes.HasFacts(await _nodes.Emit(_node), typeof(AttemptSucceeded));
        Assert.False(_node.Health.Keeps(webhook));
        Answer(500);
        await _nodes.HasFacts(await _nodes.Emit(_node), typeof(AttemptFailed), typeof(DeliveryExhausted));
        await Eventually.Is(() => _node.Health.Keeps(webhook), "the failure is kept");
        Answer(200);

        // A count is taken after the record, and one that looks as if it had been counted is passed over: some more may be needed.
        for (var i = 0; _node.Health.Keeps(webhook) && i < 2 * WebhookHealthTally.MaxRecent; i++)
        {
            await _nodes.HasFacts(await _nodes.Emit(_node), typeof(AttemptSucceeded));
        }

        await Eventually.Is(() => !_node.Health.Keeps(webhook), "nothing is kept");
    }

    [Fact]
    public async Task That_it_is_asked_too_often_is_no_failure()
    {
        var webhook = await _nodes.Register(_receiver.Url);
        Answer(429);
        for (var i = 0; i < 6; i++)
        {
            var delivery = await _nodes.Emit(_node);
            await Eventually.Is(async () => await installation.Facts(delivery.Value) is [AttemptFailed, ..], "it was asked");
        }

        Assert.False(_node.Health.Keeps(webhook));
        Assert.Empty(await _nodes.Changes(webhook));
    }
}
