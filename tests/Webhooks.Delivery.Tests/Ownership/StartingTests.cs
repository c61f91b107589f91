using Npgsql;
using Webhooks.Delivery.Ownership;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ownership;

/// <summary>A node that starts may meet what befalls every other: its session ends, and it begins another.</summary>
public sealed class StartingTests(Installation installation) : IClassFixture<Installation>
{
    private const string EndWhoWaits = """
        select count(pg_terminate_backend(pid)) from pg_locks
        where locktype = 'advisory' and classid = 7303 and not granted and database = (select oid from pg_database where datname = current_database())
        """;

    [Fact]
    public async Task A_session_that_ends_in_the_first_look_at_the_shards_keeps_no_node_from_starting()
    {
        await using var ground = await Ground.Of(installation);
        await ground.Register(c => c);
        Task<DeliveryNode> starting;
        await using (var taker = new NpgsqlConnection(installation.ConnectionString + ";Pooling=false"))
        {
            await taker.OpenAsync();
            await using var take = new NpgsqlCommand("select pg_advisory_lock(7303, 0)", taker);
            await take.ExecuteNonQueryAsync();
            starting = ground.StartNode();
            await Eventually.Is(async () => await installation.Scalar<long>(EndWhoWaits) == 1, "its session has ended");
        }

        var node = await starting;
        await Eventually.Is(() => node.Shards.Owned.Length == ShardLeases.ShardCount, "it has its shards");
        await ground.Emit(node);
        await ground.Receiver.HasReceived(1);
    }
}
