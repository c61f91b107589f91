using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Webhooks.Delivery.Observing;
using Webhooks.Delivery.Recording;
using Webhooks.Delivery.Recovery;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Ownership;

/// <summary>A node that stood still while others took its shards puts nothing into a memory that is no longer asked.</summary>
public sealed class FencingTests(Installation installation) : IClassFixture<Installation>
{
    private const string TakeAway = "update delivery.shards set owner = gen_random_uuid(), epoch = epoch + 1 returning 1";

    [Fact]
    public async Task A_row_meant_for_the_memory_of_a_relieved_owner_is_not_written()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("test");
        await using var writer = new AppendWriter(
            installation.DataSource, new LogSignal(TimeProvider.System), new DatabaseClock(TimeProvider.System), Installation.Patient, TimeProvider.System, new AppendMetrics(meter), NullLogger<AppendWriter>.Instance);
        await installation.Scalar<int>("update delivery.shards set epoch = 7 where shard = 3 returning 1");
        var (late, current, due) = (Accept(3, 6, null), Accept(3, 7, null), Accept(3, 0, DateTimeOffset.UnixEpoch));
        var outcomes = await Task.WhenAll(writer.Append(late), writer.Append(current), writer.Append(due));

        var moved = Assert.IsType<AppendOutcome.ShardsMoved>(outcomes[0]);
        Assert.Equal(7, moved.Epochs[3]);
        Assert.IsType<AppendOutcome.Committed>(outcomes[1]);
        Assert.IsType<AppendOutcome.Committed>(outcomes[2]);
        Assert.Empty(await installation.Facts(late.Facts[0].StreamId));
        Assert.Equal(2, await installation.Scalar<long>("select count(*) from delivery.queue"));
        await installation.Scalar<int>("with d as (delete from delivery.queue) select 1");
    }

    [Fact]
    public async Task An_event_for_a_shard_that_was_lost_unnoticed_is_accepted_and_delivered()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode(o => o with { Lease = TimeSpan.FromSeconds(300) });
        await ground.Register(c => c);
        await installation.Scalar<int>(TakeAway);

        var accepted = await ground.Emit(node);
        await ground.HasFacts(accepted.Deliveries[0], typeof(AttemptSucceeded));
        Assert.Single(ground.Receiver.Requests);
    }

    [Fact]
    public async Task Nothing_is_loaded_from_a_shard_that_was_lost_unnoticed()
    {
        await installation.Scalar<int>("update delivery.shards set epoch = 5 where shard = 9 returning 1");
        var queue = new QueueTable(installation.DataSource);
        var other = await installation.Scalar<long>("select epoch from delivery.shards where shard = 8");
        var e = await Assert.ThrowsAsync<PostgresException>(() => queue.ClaimDue([8, 9], [other, 4], 10, DuePosition.Start, [], default));
        Assert.Equal(QueueTable.ShardsMoved, e.SqlState);
        e = await Assert.ThrowsAsync<PostgresException>(() => queue.ClaimDueOf(new WebhookId(Guid.CreateVersion7()), [8, 9], [other, 4], 10, default));
        Assert.Equal(QueueTable.ShardsMoved, e.SqlState);
        Assert.Empty((await queue.ClaimDue([8, 9], [other, 5], 10, DuePosition.Start, [], default)).Deliveries);
    }

    [Fact]
    public async Task What_a_frozen_owner_holds_open_is_ended_by_who_takes_its_shards()
    {
        await using var frozen = await NpgsqlDataSource.Create(installation.ConnectionString + ";Pooling=false").OpenConnectionAsync();
        await using var transaction = await frozen.BeginTransactionAsync();
        await using (var begun = new NpgsqlCommand("select delivery.assert_shards(array[0::smallint], array[(select epoch from delivery.shards where shard = 0)])", frozen, transaction))
        {
            await begun.ExecuteNonQueryAsync();
        }

        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode();
        await Eventually.Is(() => node.Shards.Owned.Length == 64, "the node has all shards");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
    }

    [Fact]
    public async Task Shards_that_are_in_doubt_are_begun_anew_and_send_nothing_twice()
    {
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode(o => o with { MaxInFlight = 4, Lease = TimeSpan.FromSeconds(300) });
        await ground.Register(c => c);
        var answer = new TaskCompletionSource<int>();
        ground.Receiver.Answer = _ => answer.Task;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => ground.Emit(node)));
        await ground.Receiver.HasReceived(3);
        var before = await installation.Scalar<long>("select sum(epoch)::bigint from delivery.shards");

        node.Shards.InDoubt();
        await Eventually.Is(async () => await installation.Scalar<long>("select sum(epoch)::bigint from delivery.shards") == before + 64 && node.Shards.Owned.Length == 64, "every shard has a new epoch");
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue where due_at is null") == 37 && node.Pump.InMemory == 40, "what waited is in memory once");
        answer.SetResult(200);
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue") == 0, "the queue is empty");
        Assert.Equal(40, ground.Receiver.Requests.Count);
    }

    private PendingAppend Accept(short shard, long epoch, DateTimeOffset? dueAt)
    {
        var id = Guid.CreateVersion7();
        return new PendingAppend
        {
            IsAccept = true,
            Facts = [new NewFact(id, 1, new EventEmitted("order.paid", DateTimeOffset.UnixEpoch, 2, "x", null, null, 1, Array.Empty<PlannedDelivery>()), new FactMeta(installation.Company, null, Guid.NewGuid()))],
            Payload = new PayloadRow(new MessageId(id), installation.Company, "order.paid", DateTimeOffset.UnixEpoch, "{}"u8.ToArray()),
            Enqueue = [new QueueRow(new DeliveryId(Guid.CreateVersion7()), shard, new WebhookId(Guid.CreateVersion7()), new MessageId(id), 0, 0, 0, dueAt) { Epoch = epoch }],
        };
    }
}
