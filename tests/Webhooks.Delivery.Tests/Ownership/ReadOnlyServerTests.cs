using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Sending;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ownership;

/// <summary>After a fail-over the old server may go on answering, and only read.</summary>
public sealed class ReadOnlyServerTests(Installation installation) : IClassFixture<Installation>
{
    private const string Name = "left-behind";

    [Fact]
    public async Task A_node_without_work_leaves_a_server_that_only_reads()
    {
        var role = $"\"{new NpgsqlConnectionStringBuilder(installation.ConnectionString).Username}\"";
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(installation.ConnectionString) { ApplicationName = Name }.ConnectionString);
        var signal = new LogSignal(TimeProvider.System);
        await using var node = new DeliveryNode(
            source, new PostgresEventStore(source, [], signal, TimeProvider.System), signal, new DatabaseClock(TimeProvider.System), installation.Sealer,
            new EgressClient(new EgressOptions(), TimeProvider.System), new DeliveryOptions { Lease = TimeSpan.FromSeconds(1), Poll = TimeSpan.FromMilliseconds(100) }, TimeProvider.System, NullLoggerFactory.Instance);
        await node.StartAsync(default);
        await Eventually.Is(() => node.Shards.Owned.Length == ShardLeases.ShardCount, "it has its shards");

        await installation.Scalar<int>($"do $$ begin execute format('alter role {role} in database %I set default_transaction_read_only = on', current_database()); end $$; select 1");
        await installation.Scalar<long>($"select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '{Name}'");
        await Eventually.Is(() => node.Shards.Owned.Length == 0, "its lease has run out");
        await installation.Scalar<int>($"begin read write; do $$ begin execute format('alter role {role} in database %I reset default_transaction_read_only', current_database()); end $$; commit; select 1");
        await Eventually.Is(() => node.Shards.Owned.Length == ShardLeases.ShardCount, "it has its shards again");
    }
}
