using Npgsql;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ownership;

/// <summary>A node whose connection broke is among the living again at once, whatever PostgreSQL still believes of the old one.</summary>
public sealed class RejoiningTests(Installation installation) : IClassFixture<Installation>
{
    [Fact]
    public async Task A_node_whose_old_session_lives_on_in_the_server_delivers_again()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await ground.Register(c => c);
        var key = await installation.Scalar<int>("select lock_key from delivery.nodes");

        // It holds the lock from the moment when the session breaks off, as that session's own backend would.
        await using var undead = await installation.DataSource.OpenConnectionAsync();
        await using var take = new NpgsqlCommand($"select pg_advisory_lock(7301, {key})", undead) { CommandTimeout = 0 };
        var taken = take.ExecuteNonQueryAsync();
        await Eventually.Is(async () => await installation.Scalar<long>(Locks(key, granted: false)) == 1, "it waits for the lock");
        await installation.Scalar<long>($"select count(pg_terminate_backend(pid)) from ({Holders(key)}) h");
        await Eventually.Arrives(taken, "it has the lock");

        await Eventually.Is(async () => await installation.Scalar<long>($"select count(*) from delivery.living_nodes where lock_key <> {key}") == 1, "the node lives under another key");
        await ground.Emit(node);
        await ground.Receiver.HasReceived(1);
        Assert.Equal(1, await installation.Scalar<long>("select count(*) from delivery.nodes"));
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.living_nodes") == 1, "the node lives");
    }

    /// <summary>In this database: nodes of others, in the same cluster, have keys of the same numbers.</summary>
    private static string Holders(int key, bool granted = true) => $"""
        select pid from pg_locks
        where locktype = 'advisory' and classid = 7301 and objid = {key} and granted = {granted} and database = (select oid from pg_database where datname = current_database())
        """;

    private static string Locks(int key, bool granted) => $"select count(*) from ({Holders(key, granted)}) l";
}
