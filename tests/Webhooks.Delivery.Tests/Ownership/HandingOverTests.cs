using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain.Deliveries;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ownership;

/// <summary>A node that stops while the database is slow with its shards still ends in order: requests end, outcomes are written, then the writer is closed.</summary>
public sealed class HandingOverTests(Installation installation) : IClassFixture<Installation>
{
    [Fact]
    public async Task A_commit_that_holds_up_a_shard_is_waited_for()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode(o => o with { Drain = TimeSpan.FromSeconds(300) });
        await using var busy = await BusyShard.Of(installation);
        var stopping = node.StopAsync(default);
        await busy.WasAskedFor(times: 2);
        await busy.DisposeAsync();

        await stopping;
        Assert.Equal(0, await installation.Scalar<long>("select count(*) from delivery.shards where owner is not null"));
        Assert.Equal(0, await installation.Scalar<long>("select count(*) from delivery.nodes"));
    }

    [Fact]
    public async Task A_shard_that_cannot_be_given_up_keeps_no_outcome_from_being_written()
    {
        await using var ground = await Ground.Of(installation);
        var clock = new FakeClock(DateTimeOffset.UtcNow);
        var node = await ground.StartNode(o => o with { Lease = TimeSpan.FromSeconds(300), Drain = TimeSpan.FromSeconds(5) }, time: clock);
        await ground.Register(c => c);
        var answer = new TaskCompletionSource<int>();
        ground.Receiver.Answer = _ => answer.Task;
        var accepted = await ground.Emit(node);
        await ground.Receiver.HasReceived(1);
        await using var busy = await BusyShard.Of(installation);
        var stopping = node.StopAsync(default);

        await busy.WasAskedFor(times: 2);
        answer.SetResult(200);
        await ground.HasFacts(accepted.Deliveries[0], typeof(AttemptSucceeded));
        Assert.False(stopping.IsCompleted);

        clock.Advance(TimeSpan.FromSeconds(5));
        await Eventually.Arrives(stopping, "the node has stopped");
        Assert.IsType<EmitOutcome.Unavailable>(await node.Acceptance.Emit(new EventToEmit(ground.Company, "order.paid", "{}"u8.ToArray(), null, null, Guid.NewGuid()), default));
    }

    /// <summary>Somebody's commit into the last shard, which takes long.</summary>
    private sealed class BusyShard(Installation installation, NpgsqlConnection connection) : IAsyncDisposable
    {
        private const string Waiting = """
            select coalesce(array_agg(virtualtransaction), '{}') from pg_locks
            where locktype = 'advisory' and classid = 7302 and not granted and database = (select oid from pg_database where datname = current_database())
            """;

        public static async Task<BusyShard> Of(Installation installation)
        {
            var connection = new NpgsqlConnection(installation.ConnectionString + ";Pooling=false");
            await connection.OpenAsync();
            await using var share = new NpgsqlCommand("select pg_advisory_lock_shared(7302, 63)", connection);
            await share.ExecuteNonQueryAsync();
            return new BusyShard(installation, connection);
        }

        /// <summary>So many transactions have wanted it for themselves.</summary>
        public async Task WasAskedFor(int times)
        {
            var asked = new HashSet<string>(StringComparer.Ordinal);
            await Eventually.Is(
                async () =>
                {
                    asked.UnionWith(await installation.Scalar<string[]>(Waiting));
                    return asked.Count >= times;
                },
                $"the shard was asked for {times} times");
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
