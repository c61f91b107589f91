using Webhooks.Domain;
using Webhooks.Domain.Messages;
using Webhooks.Projections.Messages;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Messages;

public sealed class EventsTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly CompanyId Other = new(Id(4));

    private MessageQueries Queries => new(database.DataSource, database.Store);

    [Fact]
    public async Task One_event_is_told_from_the_log_with_its_payload_byte_for_byte()
    {
        var planned = new PlannedDelivery(new DeliveryId(Id(401)), new WebhookId(Id(402)));
        var further = new PlannedDelivery(new DeliveryId(Id(403)), new WebhookId(Id(402)));
        await database.Append(Id(400), 0, Meta, Emitted("order.paid", planned) with { IdempotencyKey = "k", MatchedWebhooks = 2 }, new EventFannedOut(new[] { further }));
        await database.Execute($$"""insert into es.payloads values ('{{Id(400)}}', '{{Company.Value}}', 'order.paid', now(), '{ "a" : 1.0 }'::bytea)""");

        var details = await Queries.One(new MessageId(Id(400)), default);

        Assert.Equal(new MessageSummary(new MessageId(Id(400)), Company, "order.paid", Start, 11, 2), details!.Summary);
        Assert.Equal("k", details.IdempotencyKey);
        Assert.Equal([planned, further], details.Deliveries);
        Assert.Equal("""{ "a" : 1.0 }"""u8.ToArray(), details.Payload);
    }

    [Fact]
    public async Task An_erased_payload_leaves_the_event()
    {
        await database.Append(Id(410), 0, Meta, Emitted("order.paid"));
        await database.Execute($"insert into es.payloads values ('{Id(410)}', '{Company.Value}', 'order.paid', now(), null)");

        Assert.Null((await Queries.One(new MessageId(Id(410)), default))!.Payload);
    }

    [Fact]
    public async Task What_is_no_event_is_not_found()
    {
        await database.Append(Id(420), 0, Meta, Created(Configuration()));

        Assert.Null(await Queries.One(new MessageId(Id(421)), default));
        Assert.Null(await Queries.One(new MessageId(Id(420)), default));
    }

    [Fact]
    public async Task The_list_is_newest_first_by_company_type_and_time()
    {
        for (var i = 0; i < 12; i++)
        {
            await database.Append(Id(5000 + i), 0, i % 2 == 0 ? Meta : Meta with { Company = Other }, Emitted(i % 3 == 0 ? "three" : "one"));
        }

        Assert.Equal([10, 8, 6, 4, 2, 0], await List(new(Company, Since: Start.AddMilliseconds(5000), Until: Start.AddMilliseconds(6000))));
        Assert.Equal([9, 6, 3, 0], await List(new(Type: "three", Since: Start.AddMilliseconds(5000), Until: Start.AddMilliseconds(6000))));
        Assert.Empty(await List(new(Company, "on")));
        Assert.Empty(await List(new(Company, "one\",\"emitted_at")));
        Assert.Equal([7, 5], await List(new(Other, "one", Start.AddMilliseconds(5004), Start.AddMilliseconds(5009))));
    }

    [Fact]
    public async Task What_was_just_committed_heads_the_list()
    {
        await database.Append(Id(6000), 0, Meta with { Company = new(Id(5)) }, Emitted("order.paid", new PlannedDelivery(new DeliveryId(Id(6001)), new WebhookId(Id(402)))));

        var page = await Queries.List(new(new CompanyId(Id(5))), null, 10, default);

        Assert.Equal(new MessageSummary(new MessageId(Id(6000)), new CompanyId(Id(5)), "order.paid", Start, 11, 1), Assert.Single(page.Items));
        Assert.Null(page.Freshness);
    }

    [Fact]
    public async Task Over_all_companies_what_is_no_event_is_passed_over()
    {
        await database.Append(Id(7000), 0, Meta, Emitted("a"));
        await database.Append(Id(7000), 1, Meta, new EventFannedOut(new[] { new PlannedDelivery(new DeliveryId(Id(7001)), new WebhookId(Id(402))) }));
        await database.Append(Id(7001), 0, Meta, Succeeded(1));
        await database.Append(Id(7002), 0, Meta, Created(Configuration()));

        var page = await Queries.List(new(Since: Start.AddMilliseconds(7000)), null, 10, default);

        Assert.Equal(new MessageId(Id(7000)), Assert.Single(page.Items).Id);
    }

    private async Task<List<int>> List(MessageFilter filter)
    {
        var numbers = Enumerable.Range(0, 12).ToDictionary(i => new MessageId(Id(5000 + i)));
        var found = new List<int>();
        MessageId? next = null;
        do
        {
            var page = await Queries.List(filter, next, 2, default);
            found.AddRange(page.Items.Select(m => numbers[m.Id]));
            next = page.Next;
        }
        while (next is not null);
        return found;
    }
}
