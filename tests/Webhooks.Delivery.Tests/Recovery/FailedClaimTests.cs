using Webhooks.Delivery.Recovery;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Recovery;

/// <summary>A claim is committed before what was claimed is in memory. Whatever fails in between, the rows are claimed again.</summary>
public sealed class FailedClaimTests(Installation installation) : IClassFixture<Installation>
{
    [Theory]
    [InlineData(OrderingMode.None, nameof(DueWorker))]
    [InlineData(OrderingMode.Strict, nameof(OrderedWorker))]
    public async Task What_was_claimed_and_could_not_be_read_is_claimed_again(OrderingMode ordering, string worker)
    {
        var lines = new LogLines(worker);
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode(logs: lines);
        await ground.Register(c => c with { Ordering = ordering });
        var delivery = (await ground.Emit(node, deliverAt: DateTimeOffset.UtcNow.AddHours(1))).Deliveries[0];
        await using (var rename = installation.DataSource.CreateCommand("alter table es.payloads rename to payloads_away"))
        {
            await rename.ExecuteNonQueryAsync();
        }

        await installation.Scalar<short>($"update delivery.queue set due_at = now(), deliver_at = now() where delivery_id = '{delivery.Value}' returning shard");
        await Eventually.Is(() => !lines.Written.IsEmpty, "the payload could not be read");
        await using (var rename = installation.DataSource.CreateCommand("alter table es.payloads_away rename to payloads"))
        {
            await rename.ExecuteNonQueryAsync();
        }

        await ground.Receiver.HasReceived(1);
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue") == 0, "the queue is empty");
        Assert.Single(ground.Receiver.Requests);
    }
}
