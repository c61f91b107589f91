using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.Projections.Deliveries;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Deliveries;

public sealed class ListingDeliveriesTests(ListingDeliveriesTests.ToldStory told) : IClassFixture<ListingDeliveriesTests.ToldStory>
{
    /// <summary>Some hundreds of deliveries in every state.</summary>
    public sealed class ToldStory : IAsyncLifetime
    {
        internal MigratedDatabase Database { get; } = new();
        internal Story Story { get; } = new(seed: 7);

        public async ValueTask InitializeAsync()
        {
            await Database.InitializeAsync();
            await Story.Register(Database);
            await Story.Go(Database, 600);
            await Database.Project();
        }

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }

    private DeliveryQueries Queries => new(told.Database.DataSource, told.Database.Store);

    public static TheoryData<string> Filters() => ["none", "company", "webhook", "webhook and company", "type", "company and type", "succeeded", "exhausted", "company and parked", "webhook and pending", "time", "all"];

    private DeliveryFilter Filter(string name)
    {
        var (webhook, company) = (told.Story.Webhooks[1], told.Story.Owner(told.Story.Webhooks[1]));
        var (since, until) = (Start.AddMilliseconds(10_050), Start.AddMilliseconds(10_400));
        return name switch
        {
            "none" => new(),
            "company" => new(company),
            "webhook" => new(Webhook: webhook),
            "webhook and company" => new(company, webhook),
            "type" => new(Type: "order.paid"),
            "company and type" => new(company, Type: "order.sent"),
            "succeeded" => new(Status: DeliveryStatus.Succeeded),
            "exhausted" => new(Status: DeliveryStatus.Exhausted),
            "company and parked" => new(company, Status: DeliveryStatus.Parked),
            "webhook and pending" => new(Webhook: webhook, Status: DeliveryStatus.Pending),
            "time" => new(Since: since, Until: until),
            "all" => new(company, webhook, null, "order.paid", DeliveryStatus.Succeeded, since, until),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Pages_hold_every_row_that_fits_once_newest_first(string name)
    {
        var filter = Filter(name);
        var everything = await Pages(new(), 1000);

        var listed = await Pages(filter, 7);

        var expected = everything.Where(d =>
            (filter.Company is null || d.Company == filter.Company)
            && (filter.Webhook is null || d.Webhook == filter.Webhook)
            && (filter.Type is null || d.Type == filter.Type)
            && (filter.Status is null || d.State.Status == filter.Status)
            && (filter.Since is null || d.CreatedAt >= filter.Since)
            && (filter.Until is null || d.CreatedAt < filter.Until)).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, listed);
        Assert.Equal(expected.OrderByDescending(d => d.Id.ToString(), StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task The_deliveries_of_one_event_are_found_through_its_plan()
    {
        var some = (await Pages(new(), 1000)).GroupBy(d => d.Event).First(g => g.Count() == 2).ToList();

        Assert.Equal(some, await Pages(new(Event: some[0].Event), 1));
        Assert.Empty(await Pages(new(told.Story.Companies.Single(c => c != some[0].Company), Event: some[0].Event), 1));
        Assert.Empty(await Pages(new(Event: new MessageId(Id(1))), 1));
    }

    [Fact]
    public async Task Another_companys_webhook_has_no_deliveries_to_show()
    {
        var webhook = told.Story.Webhooks[0];

        var page = await Queries.List(new(told.Story.Companies.Single(c => c != told.Story.Owner(webhook)), webhook), null, 10, default);

        Assert.Empty(page.Items);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task Pages_neither_miss_nor_repeat_a_row_while_new_ones_are_added()
    {
        await using var database = new MigratedDatabase();
        await database.InitializeAsync();
        var story = new Story(seed: 11);
        await story.Register(database);
        await story.Go(database, 90);
        await database.Project();
        var queries = new DeliveryQueries(database.DataSource, database.Store);
        var there = await Pages(queries, new(), 5000);
        var seen = new List<DeliveryId>();
        DeliveryId? next = null;
        var added = 0;
        do
        {
            var page = await queries.List(new(Company: story.Companies[0]), next, 4, default);
            seen.AddRange(page.Items.Select(d => d.Id));
            next = page.Next;
            await database.Append(Id(1_000_000 + added), 0, Meta with { Company = story.Companies[0] }, Emitted("new", new PlannedDelivery(new DeliveryId(Id(2_000_000 + added)), story.Webhooks[0])));
            added++;
            await database.Project();
        }
        while (next is not null);

        Assert.True(added > 3);
        Assert.Equal(there.Where(d => d.Company == story.Companies[0]).Select(d => d.Id), seen);
    }

    private Task<List<DeliverySummary>> Pages(DeliveryFilter filter, int size) => Pages(Queries, filter, size);

    private static async Task<List<DeliverySummary>> Pages(DeliveryQueries queries, DeliveryFilter filter, int size)
    {
        var rows = new List<DeliverySummary>();
        DeliveryId? next = null;
        do
        {
            var page = await queries.List(filter, next, size, default);
            Assert.True(page.Items.Count <= size);
            rows.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        return rows;
    }
}
