using Webhooks.Delivery.Observing;

namespace Webhooks.Delivery.Tests.Observing;

public sealed class QueueDepthTests : IAsyncLifetime
{
    private readonly Installation _installation = new();

    public ValueTask InitializeAsync() => _installation.InitializeAsync();

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    [Fact]
    public async Task Waiting_deliveries_are_told_apart_by_when_they_are_due()
    {
        await Insert(5, "now() - interval '2 minutes'");
        await Insert(4, "now() - interval '1 second'");
        await Insert(3, "now() + interval '1 hour'");
        await Insert(2, "'infinity'");
        await Insert(1, "null");

        var sample = await QueueDepth.Take(_installation.DataSource, default);
        Assert.Equal((9, 3, 2), (sample.Due, sample.Scheduled, sample.Parked));
        Assert.InRange(sample.OldestDueSeconds, 120, 600);
    }

    [Fact]
    public async Task Nothing_waiting_is_nothing()
    {
        var sample = await QueueDepth.Take(_installation.DataSource, default);
        Assert.Equal(new QueueSample(0, 0, 0, 0), sample);
    }

    [Fact]
    public async Task More_than_is_counted_is_estimated()
    {
        const int Many = 5 * QueueDepth.MostCounted;
        await Insert(Many, "now() + interval '1 hour'");
        await Insert(7, "'infinity'");
        await using (var analyze = _installation.DataSource.CreateCommand("analyze delivery.queue"))
        {
            await analyze.ExecuteNonQueryAsync();
        }

        var sample = await QueueDepth.Take(_installation.DataSource, default);
        Assert.InRange(sample.Scheduled, Many * 8 / 10, Many * 12 / 10);
        Assert.Equal(7, sample.Parked);
    }

    private async Task Insert(int count, string dueAt)
    {
        await using var command = _installation.DataSource.CreateCommand($"""
            insert into delivery.queue (delivery_id, shard, webhook_id, message_id, version, attempts, failures, due_at)
            select gen_random_uuid(), 0, gen_random_uuid(), gen_random_uuid(), 0, 0, 0, {dueAt} from generate_series(1, {count})
            """);
        await command.ExecuteNonQueryAsync();
    }
}
