using Npgsql;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Recovery;

/// <summary>A node that is told to stop does not wait for a database that is away.</summary>
public sealed class StoppingTests(Installation installation) : IClassFixture<Installation>
{
    private const string WriterWaits = """
        select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like 'delete from delivery.queue where delivery_id = any%'
        """;

    [Fact]
    public async Task A_node_stops_amid_a_sweep_that_cannot_be_written()
    {
        await using var line = new DatabaseLine(installation.ConnectionString);
        await using var dataSource = NpgsqlDataSource.Create(line.ConnectionString);
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode(dataSource: dataSource);
        var webhook = await ground.Register(c => c);
        await ground.Emit(node, deliverAt: DateTimeOffset.UtcNow.AddHours(1));

        // Nobody may write into the queue, so what the sweep cancels waits in the writer.
        await using (var holder = await installation.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("lock table delivery.queue in share row exclusive mode", holder, transaction))
            {
                await hold.ExecuteNonQueryAsync();
            }

            await installation.Change(webhook, new DeleteWebhook(), ground.Company);
            await Eventually.Is(async () => await installation.Scalar<long>(WriterWaits) > 0, "the writer waits");
            await line.Cut();
        }

        await Eventually.Arrives(node.StopAsync(default), "the node has stopped");
    }
}
