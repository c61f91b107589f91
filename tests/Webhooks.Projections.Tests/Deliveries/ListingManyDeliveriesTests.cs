using System.Text.Json;
using Npgsql;
using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Projections.Deliveries;
using Webhooks.Projections.Messages;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Deliveries;

/// <summary>On filled tables: what each list touches, as the planner and the executor tell it.</summary>
public sealed class ListingManyDeliveriesTests(ListingManyDeliveriesTests.FilledTables filled) : IClassFixture<ListingManyDeliveriesTests.FilledTables>
{
    private const int Rows = 200_000;

    /// <summary>Two hundred thousand deliveries of four webhooks of two companies; one in a thousand is exhausted, the oldest alone is of a rare type. In the log each has its event and its attempt.</summary>
    public sealed class FilledTables : IAsyncLifetime
    {
        internal MigratedDatabase Database { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Database.InitializeAsync();
            await Database.Execute($$"""
                create temp table ids as
                select i, (lpad(to_hex({{Start.ToUnixTimeMilliseconds()}} + i), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid as id
                from generate_series(1, {{Rows}}) i;
                insert into read.deliveries
                select id, ('00000000-0000-0000-0000-00000000000' || i % 2)::uuid, ('00000000-0000-0000-0000-00000000001' || i % 4)::uuid, id,
                    case i when 1 then 'rare' else 'common' end, case when i % 1000 in (0, 1) then 2 else 1 end, 1, 0, 200, null, null, now()
                from ids;
                insert into es.events (stream_id, version, type, company_id, correlation, data)
                select id, 1, 'message.emitted.v1', ('00000000-0000-0000-0000-00000000000' || i % 2)::uuid, id,
                    convert_to(format('{"type":"%s","emitted_at":"2026-01-01T00:00:00+00:00","size":2,"sha256":"c2hh","matched_webhooks":1,"deliveries":[]}', case i when 1 then 'rare' else 'common' end), 'UTF8')
                from ids;
                insert into es.events (stream_id, version, type, company_id, correlation, data)
                select overlay(id::text placing 'f' from 36)::uuid, 1, 'delivery.succeeded.v1', ('00000000-0000-0000-0000-00000000000' || i % 2)::uuid, id, '{}'
                from ids where right(id::text, 1) <> 'f';
                """);
            await Database.Execute("vacuum analyze read.deliveries, es.events");
        }

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }

    private static readonly CompanyId First = new(Guid.Parse("00000000-0000-0000-0000-000000000001"));
    private static readonly WebhookId Hook = new(Guid.Parse("00000000-0000-0000-0000-000000000011"));

    public static TheoryData<string> Filters() =>
    [
        "none", "company", "webhook", "company and webhook", "company and exhausted", "webhook and exhausted", "company and parked", "webhook and parked", "exhausted", "succeeded",
        "company and succeeded", "company and type", "company and rare type", "webhook and rare type", "rare type", "time", "company and time", "company, exhausted and rare type",
    ];

    private static DeliveryFilter Filter(string name) => name switch
    {
        "none" => new(),
        "company" => new(First),
        "webhook" => new(Webhook: Hook),
        "company and webhook" => new(First, Hook),
        "company and exhausted" => new(First, Status: DeliveryStatus.Exhausted),
        "webhook and exhausted" => new(Webhook: Hook, Status: DeliveryStatus.Exhausted),
        "company and parked" => new(First, Status: DeliveryStatus.Parked),
        "webhook and parked" => new(Webhook: Hook, Status: DeliveryStatus.Parked),
        "exhausted" => new(Status: DeliveryStatus.Exhausted),
        "succeeded" => new(Status: DeliveryStatus.Succeeded),
        "company and succeeded" => new(First, Status: DeliveryStatus.Succeeded),
        "company and type" => new(First, Type: "common"),
        "company and rare type" => new(First, Type: "rare"),
        "webhook and rare type" => new(Webhook: Hook, Type: "rare"),
        "rare type" => new(Type: "rare"),
        "time" => new(Since: Start.AddMilliseconds(1000), Until: Start.AddMilliseconds(3000)),
        "company and time" => new(First, Since: Start.AddMilliseconds(1000), Until: Start.AddMilliseconds(3000)),
        "company, exhausted and rare type" => new(First, Type: "rare", Status: DeliveryStatus.Exhausted),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Every_list_follows_an_index_and_touches_a_bounded_number_of_rows(string name)
    {
        foreach (var before in new Guid?[] { null, Id(Rows / 2), Id(100) })
        {
            AssertBounded(await Explain(DeliveryQueries.ListCommand(Filter(name), before, null, 51)));
        }
    }

    [Fact]
    public async Task Lists_of_events_follow_an_index_of_the_log()
    {
        foreach (var before in new MessageId?[] { null, new(Id(Rows / 2)), new(Id(100)) })
        {
            foreach (var filter in new MessageFilter[] { new(), new(First), new(Type: "rare"), new(First, "rare"), new(First, "common", Start, Start.AddMilliseconds(5000)) })
            {
                var plan = await Explain(MessageQueries.ListCommand(filter, before, 51));

                AssertBounded(plan);
                Assert.Equal(filter.Company is null ? "events_one_per_version" : "events_emitted", IndexOf(plan));
            }
        }
    }

    [Fact]
    public async Task A_list_of_events_reads_little_more_than_its_page()
    {
        foreach (var filter in new MessageFilter[] { new(), new(First), new(First, "common") })
        {
            Assert.InRange(MostRows(await Explain(MessageQueries.ListCommand(filter, new MessageId(Id(Rows / 2)), 51))), 1, 200);
        }
    }

    [Fact]
    public async Task A_list_that_is_dense_reads_little_more_than_its_page()
    {
        foreach (var filter in new DeliveryFilter[] { new(First), new(Webhook: Hook), new(First, Type: "common"), new(First, Status: DeliveryStatus.Succeeded), new(First, Status: DeliveryStatus.Exhausted) })
        {
            Assert.InRange(MostRows(await Explain(DeliveryQueries.ListCommand(filter, Id(Rows / 2), null, 51))), 1, 100);
        }
    }

    [Fact]
    public async Task A_rare_row_is_found_over_several_short_pages()
    {
        var queries = new DeliveryQueries(filled.Database.DataSource, filled.Database.Store);
        var found = new List<DeliverySummary>();
        var requests = 0;
        DeliveryId? next = null;
        do
        {
            var page = await queries.List(new(First, Type: "rare"), next, 10, default);
            (next, requests) = (page.Next, requests + 1);
            found.AddRange(page.Items);
        }
        while (next is not null);

        Assert.Equal("rare", Assert.Single(found).Type);
        Assert.Equal((Rows / 2 / NewestFirst.MaxExamined) + 1, requests);
    }

    private static void AssertBounded(JsonElement plan)
    {
        Assert.DoesNotContain(Nodes(plan), n => n.GetProperty("Node Type").GetString() is "Seq Scan" && n.GetProperty("Relation Name").GetString() is "deliveries" or "events");
        Assert.InRange(MostRows(plan), 0, NewestFirst.MaxExamined + 100);
    }

    /// <summary>Rows that the busiest step brought or threw away.</summary>
    private static int MostRows(JsonElement plan) => Nodes(plan).Max(n =>
        (int)n.GetProperty("Actual Rows").GetDouble() + (n.TryGetProperty("Rows Removed by Filter", out var removed) ? (int)removed.GetDouble() : 0));

    private static string? IndexOf(JsonElement plan) =>
        Assert.Single(Nodes(plan), n => n.TryGetProperty("Index Name", out _)).GetProperty("Index Name").GetString();

    private static IEnumerable<JsonElement> Nodes(JsonElement plan) =>
        plan.TryGetProperty("Plans", out var below) ? below.EnumerateArray().SelectMany(Nodes).Prepend(plan) : [plan];

    private async Task<JsonElement> Explain(NpgsqlBatchCommand list)
    {
        await using var command = filled.Database.DataSource.CreateCommand("explain (analyze, format json) " + list.CommandText);
        foreach (var parameter in list.Parameters.ToList())
        {
            list.Parameters.Remove(parameter);
            command.Parameters.Add(parameter);
        }

        using var json = JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!);
        return json.RootElement[0].GetProperty("Plan").Clone();
    }
}
