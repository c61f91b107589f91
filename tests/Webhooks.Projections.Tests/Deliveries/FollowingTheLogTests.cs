using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.Testing;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Deliveries;

public sealed class FollowingTheLogTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Many_small_pages_one_page_and_a_rebuild_yield_the_same_rows(int seed)
    {
        await database.Execute("truncate es.events, es.checkpoints, read.deliveries, read.webhooks");
        var story = new Story(seed);
        await story.Go(database, 150);
        await database.Project(pageSize: 3);
        await story.Go(database, 150);
        await database.Project(pageSize: 7);
        var deliveries = await database.Text("read.deliveries");

        await database.Execute("truncate es.checkpoints, read.deliveries");
        await database.Project(pageSize: 100_000);
        Assert.Equal(deliveries, await database.Text("read.deliveries"));

        await database.Rebuild.Deliveries(new Progress<Projections.Rebuilding.RebuildProgress>(), default);
        Assert.Equal(deliveries, await database.Text("read.deliveries"));
        Assert.NotEmpty(deliveries);
    }

    [Fact]
    public async Task A_delivery_finished_within_the_page_is_written_once()
    {
        await database.Execute("truncate es.events, es.checkpoints, read.deliveries");
        var delivery = new PlannedDelivery(new DeliveryId(Id(31)), new WebhookId(Id(32)));
        // One transaction: of two, another database's transaction between them could hold back the second, and with it the page.
        await using (var session = await database.Store.OpenSession(default))
        {
            session.Append(Id(30), 0, [Emitted("a", delivery)], Meta);
            session.Append(delivery.Delivery.Value, 0, [Failed(1, Start), Succeeded(2)], Meta);
            await session.SaveChanges(default);
        }

        await database.Project();

        // The table was empty: a second writing would stand in the second place.
        Assert.Equal("(0,1)", await database.Scalar<string>("select ctid::text from read.deliveries"));
        Assert.Equal((short)DeliveryStatus.Succeeded, await database.Scalar<short>("select status from read.deliveries"));
    }

    [Fact]
    public async Task An_answer_says_how_far_behind_the_log_it_is()
    {
        await database.Execute("truncate es.events, es.checkpoints, read.deliveries");
        var queries = new Projections.Deliveries.DeliveryQueries(database.DataSource, database.Store);
        await database.Append(Id(40), 0, Meta, Emitted("a"));
        await database.Project();
        var fresh = (await queries.List(new(), null, 10, default)).Freshness;
        await database.Append(Id(41), 0, Meta, Emitted("a"));
        var stale = (await queries.List(new(), null, 10, default)).Freshness;

        Assert.Equal(TimeSpan.Zero, fresh!.Age);
        Assert.Equal(fresh.Position, stale!.Position);
        Assert.True(stale.Age >= TimeSpan.Zero);
        await database.Execute("update es.events set recorded_at = now() - interval '1 hour' where version = 1");
        await Eventually.Is(
            async () => (await queries.List(new(), null, 10, default)).Freshness!.Age > TimeSpan.FromMinutes(59),
            "the fact comes out from behind other databases' transactions");
    }
}
