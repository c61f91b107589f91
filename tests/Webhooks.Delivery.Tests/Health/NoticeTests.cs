using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Health;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Health;

/// <summary>Each change of health is told once, whoever noticed it and whatever broke off.</summary>
public sealed class NoticeTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private readonly Nodes _nodes = new(installation);
    private readonly LogLines _lines = new(nameof(HealthTransitions));
    private Receiver _failing = null!;
    private Receiver _listening = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        (_failing, _listening) = (await Receiver.Start(), await Receiver.Start());
        _failing.Answer = _ => Task.FromResult(500);
        _node = await _nodes.Start(logs: _lines);
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _failing.DisposeAsync();
        await _listening.DisposeAsync();
    }

    private IEnumerable<string> Told => _listening.Requests.Select(r => r.Headers["webhook-event-type"]);

    [Fact]
    public async Task Over_two_nodes_each_change_is_one_fact_one_event_and_one_line()
    {
        var other = await _nodes.Start(logs: _lines);
        var webhook = await _nodes.Register(_failing.Url);
        await _nodes.Register(_listening.Url, EventTypes.Degraded, EventTypes.Paused, EventTypes.Recovered);
        for (var round = 0; round < 5; round++)
        {
            // Answered together, so that both nodes conclude at about the same moment. A webhook that has failed gets little at a time.
            var answer = new TaskCompletionSource<int>();
            var before = _failing.Requests.Count;
            _failing.Answer = _ => answer.Task;
            var deliveries = await EmitThroughBoth();
            await _failing.HasReceived(before + 2);
            answer.SetResult(500);
            await Eventually.Is(
                async () =>
                {
                    if ((await _nodes.Changes(webhook)).Length == (3 * round) + 2)
                    {
                        return true;
                    }

                    // A success of the round before that a node counts late begins its count anew: then these were too few.
                    deliveries = await HaveFailed(deliveries) ? [.. deliveries, .. await EmitThroughBoth()] : deliveries;
                    return false;
                },
                "it is paused");
            await Task.WhenAll(_nodes.Hears(_node, webhook, HealthState.Paused), _nodes.Hears(other, webhook, HealthState.Paused));

            _failing.Answer = _ => Task.FromResult(200);
            await _nodes.ProbeNow(webhook);
            await _nodes.Emit(other);
            await Eventually.Is(async () => (await _nodes.Changes(webhook)).Length == (3 * round) + 3, "it has recovered");
            await Task.WhenAll(_nodes.Hears(_node, webhook, HealthState.Healthy), _nodes.Hears(other, webhook, HealthState.Healthy));
            await Task.WhenAll(deliveries.Select(d =>
                Eventually.Is(async () => await installation.Facts(d.Value) is [.., AttemptSucceeded or DeliveryExhausted], "it has failed, or succeeded after the pause")));
        }

        Assert.Equal(
            Enumerable.Repeat(new[] { typeof(WebhookDegraded), typeof(WebhookPaused), typeof(WebhookRecovered) }, 5).SelectMany(t => t),
            (await _nodes.Changes(webhook)).Select(c => c.GetType()));
        await Eventually.Is(() => _listening.Requests.Select(r => r.Id).Distinct().Count() == 15, "every change was told");
        Assert.Equal(
            Enumerable.Repeat(new[] { EventTypes.Degraded, EventTypes.Paused, EventTypes.Recovered }, 5).SelectMany(t => t).Order(), (await _nodes.EmittedTypes()).Order());
        await Eventually.Is(() => Lines() >= 15, "every change has a line");
        Assert.Equal(15, Lines());

        int Lines() => _lines.Written.Count(l => l.Contains(webhook.ToString(), StringComparison.Ordinal));

        Task<DeliveryId[]> EmitThroughBoth() => Task.WhenAll(Enumerable.Range(0, 12).Select(i => _nodes.Emit(i % 2 == 0 ? _node : other)));
    }

    private async Task<bool> HaveFailed(DeliveryId[] deliveries) =>
        (await Task.WhenAll(deliveries.Select(async d => await installation.Facts(d.Value) is [.., DeliveryExhausted]))).All(failed => failed);

    [Fact]
    public async Task It_is_told_to_those_that_name_the_type_never_by_all_and_never_to_the_webhook_itself()
    {
        var webhook = await _nodes.Register(_failing.Url, "order.paid", EventTypes.Degraded, EventTypes.Paused);
        await using var all = await Receiver.Start();
        await _nodes.Register(all.Url);
        var named = await _nodes.Register(_listening.Url, EventTypes.Paused);
        for (var i = 0; i < 4; i++)
        {
            await _nodes.Emit(_node);
        }

        await _nodes.HasChanged(webhook, typeof(WebhookDegraded), typeof(WebhookPaused));
        await _listening.HasReceived(1);
        Assert.Equal([EventTypes.Degraded, EventTypes.Paused], await _nodes.EmittedTypes());
        Assert.Equal([EventTypes.Paused], Told);
        await all.HasReceived(4);
        Assert.All(all.Requests, r => Assert.Equal("order.paid", r.Headers["webhook-event-type"]));
        Assert.All(_failing.Requests, r => Assert.Equal("order.paid", r.Headers["webhook-event-type"]));
        Assert.Empty(await _nodes.Changes(named));
    }

    [Fact]
    public async Task It_says_which_webhook_and_what_it_was_judged_from()
    {
        var webhook = await _nodes.Register(_failing.Url);
        await _nodes.Pause(_node, webhook);
        await Eventually.Is(async () => (await _nodes.EmittedTypes()).Length == 2, "both changes were told");
        var json = JsonDocument.Parse(await _nodes.Payload(EventTypes.Paused)).RootElement;
        Assert.Equal(["webhook_sid", "company_sid", "state", "since", "failing_since", "consecutive_failures", "next_probe_at"], json.EnumerateObject().Select(p => p.Name));
        Assert.Equal((webhook.ToString(), _nodes.Company.ToString(), "paused", 4),
            (json.GetProperty("webhook_sid").GetString(), json.GetProperty("company_sid").GetString(), json.GetProperty("state").GetString(), json.GetProperty("consecutive_failures").GetInt32()));
        Assert.EndsWith("Z", json.GetProperty("since").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_between_telling_and_noting_that_it_was_told_leaves_one_event()
    {
        var webhook = await _nodes.Register(_failing.Url);
        await _nodes.Register(_listening.Url, EventTypes.Paused);
        await _nodes.Pause(_node, webhook);
        await _listening.HasReceived(1);
        await Eventually.Is(NothingToTell, "all was told");

        await installation.Scalar<int>($"""
            insert into delivery.health_notices
            select '{webhook.Value}', 4, company_id, type, body from es.payloads where company_id = '{_nodes.Company.Value}' and type = 'webhook.paused' returning 1
            """);
        await Eventually.Is(NothingToTell, "it was told again");
        Assert.Equal([EventTypes.Degraded, EventTypes.Paused], await _nodes.EmittedTypes());
        Assert.Single(_listening.Requests);
    }

    [Fact]
    public async Task Disabling_by_hand_is_told_to_nobody_and_that_it_is_gone_is()
    {
        var webhook = await _nodes.Register(_failing.Url);
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), _nodes.Company);
        await installation.Change(webhook, new EnableWebhook(), _nodes.Company);
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Gone), _nodes.Company);
        await Eventually.Is(async () => (await _nodes.EmittedTypes()).Length == 1, "one was told");
        Assert.Contains("\"reason\":\"gone\"", await _nodes.Payload(EventTypes.Disabled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_may_or_may_not_have_been_told_is_told_until_that_is_known()
    {
        var company = new CompanyId(Guid.CreateVersion7());
        var accepting = await _nodes.Start(Nodes.Options with { Delivers = false, AcceptTimeout = TimeSpan.FromSeconds(1) });
        var notices = new HealthNotices(installation.DataSource, accepting.Acceptance, NullLogger<HealthNotices>.Instance);
        await _node.StopAsync(default);
        await installation.Scalar<int>($"insert into delivery.health_notices values ('{Guid.NewGuid()}', 4, '{company.Value}', 'webhook.paused', '{"{}"}') returning version");

        // The event is written, but not committed in time.
        await using (var holder = await installation.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await using var hold = new NpgsqlCommand("lock table es.payloads in share row exclusive mode", holder, transaction);
            await hold.ExecuteNonQueryAsync();
            Assert.Equal(0, await notices.RunOnce(default));
        }

        await Eventually.Is(async () => await notices.RunOnce(default) == 1, "it was told");
        Assert.Equal(1, await installation.Scalar<long>($"select count(*) from es.payloads where company_id = '{company.Value}'"));
    }

    private async Task<bool> NothingToTell() =>
        await installation.Scalar<long>($"select count(*) from delivery.health_notices where company_id = '{_nodes.Company.Value}'") == 0;
}
