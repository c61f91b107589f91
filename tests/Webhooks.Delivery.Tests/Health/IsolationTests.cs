using Webhooks.Domain.Messages;

namespace Webhooks.Delivery.Tests.Health;

/// <summary>What can't be done for one stops nothing for the others.</summary>
public sealed class IsolationTests(Installation installation) : IClassFixture<Installation>, IAsyncLifetime
{
    private readonly Nodes _nodes = new(installation);
    private Receiver _failing = null!;
    private Receiver _sink = null!;
    private DeliveryNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        (_failing, _sink) = (await Receiver.Start(), await Receiver.Start());
        _failing.Answer = _ => Task.FromResult(503);
        _node = await _nodes.Start();
        await _nodes.Register(_failing.Url, "order.paid");
        await _nodes.Register(_sink.Url, EventTypes.DeliveryExhausted);
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        await _failing.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task A_page_of_failures_that_cannot_be_told_holds_up_no_other()
    {
        await _nodes.Emit(_node);
        await _sink.HasReceived(1);

        // Of deliveries that the log does not hold.
        var message = await installation.Scalar<Guid>($"select message_id from es.payloads where company_id = '{_nodes.Company.Value}' and type = 'order.paid'");
        await installation.Scalar<long>($"""
            with n as (
                insert into delivery.failure_notices
                select ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 1, '{Guid.NewGuid()}', '{_nodes.Company.Value}', '{message}' from generate_series(1, 120) n
                returning 1)
            select count(*) from n
            """);
        await _nodes.Emit(_node);
        await _sink.HasReceived(2);
        Assert.Equal(120, await installation.Scalar<long>("select count(*) from delivery.failure_notices where delivery_id < '00000001-0000-0000-0000-000000000000'"));
    }

    [Fact]
    public async Task A_step_that_fails_holds_up_no_other()
    {
        await Rename("health_notices", "health_notices_away");
        await _nodes.Emit(_node);
        await _sink.HasReceived(1);
        await Rename("health_notices_away", "health_notices");
    }

    private async Task Rename(string table, string to)
    {
        await using var rename = installation.DataSource.CreateCommand($"alter table delivery.{table} rename to {to}");
        await rename.ExecuteNonQueryAsync();
    }
}
