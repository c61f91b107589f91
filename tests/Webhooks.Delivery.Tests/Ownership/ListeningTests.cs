using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Recovery;
using Webhooks.Delivery.Routing;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ownership;

/// <summary>Wake-ups come back by themselves after whatever befell the connection they came by.</summary>
public sealed class ListeningTests(Installation installation) : IClassFixture<Installation>
{
    [Fact]
    public async Task A_node_whose_connection_fell_silent_listens_on_another_one()
    {
        await using var line = new DatabaseLine(installation.ConnectionString, giveUpAfter: 1);
        await using var dataSource = NpgsqlDataSource.Create(line.ConnectionString);
        var (time, options, changed) = (TimeProvider.System, new DeliveryOptions(), new LogSignal(TimeProvider.System));
        await using var shards = new ShardLeases(
            dataSource, new QueueTable(dataSource), new DueSignal(time), new LogSignal(time), options, time, NullLogger<ShardLeases>.Instance);
        var messages = new NodeMessages(dataSource, shards, changed, options, time, NullLogger<NodeMessages>.Instance) { Silence = TimeSpan.FromMilliseconds(100) };
        using var stop = new CancellationTokenSource();
        var listening = messages.Listen(stop.Token);
        await Eventually.Is(() => changed.Version > 0, "it listens");
        await Hears();

        var heard = changed.Version;
        line.Silence();
        await Eventually.Is(() => changed.Version > heard, "it listens again");
        await Hears();
        await stop.CancelAsync();
        await listening;

        async Task Hears()
        {
            var before = changed.Version;
            await installation.Scalar<int>($"select 1 from pg_notify('{RoutingProjection.Channel}', '')");
            await Eventually.Is(() => changed.Version > before, "it hears of a change");
        }
    }
}
