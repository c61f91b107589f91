using System.Text.Json;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Signing;
using Webhooks.Projections.Endpoints;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Endpoints;

public sealed class WebhookListTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private WebhookQueries Queries => new(database.DataSource);

    [Fact]
    public void The_state_of_a_webhook_survives_its_way_through_json()
    {
        var configuration = Configuration("ünïcode", headers: new CustomHeader("X-A", new SealedSecret("s"), true)) with
        {
            EventTypes = new[] { "a", "b" },
            RetryPolicy = new Webhooks.Domain.Deliveries.ScheduleRetry(new[] { 1L, 2L }),
        };
        Fact[] facts =
        [
            .. Created(configuration),
            new SigningKeyRotated(new SigningKeyId(Id(8)), "second", new SealedSecret("t"), Start),
            new WebhookDisabled(DisabledReason.Gone),
        ];
        var state = facts.Cast<WebhookFact>().Aggregate(Webhook.Unknown, Webhook.Evolve);

        var json = JsonSerializer.SerializeToUtf8Bytes(state, FactJson.Instance.Webhook);
        var back = JsonSerializer.Deserialize(json, FactJson.Instance.Webhook)!;

        Assert.Equal(state with { Keys = [] }, back with { Keys = [] });
        Assert.Equal(state.Keys, back.Keys);
        Assert.Equal(2, back.Keys.Length);
    }

    [Fact]
    public async Task The_row_holds_the_aggregate_after_every_append_also_without_fetching_first()
    {
        var id = new WebhookId(Id(600));
        await database.Append(id.Value, 0, Meta, Created(Configuration()));
        await database.Append(id.Value, 2, Meta, new WebhookUpdated(Configuration("renamed")), new WebhookDisabled(DisabledReason.Failing));

        var view = await Queries.One(id, default);

        var stream = await database.Store.AggregateStream<Webhook, WebhookFact>(id.Value, Webhook.Unknown, Webhook.Evolve, null, null, default);
        Assert.Equal(4, view!.Version);
        Assert.Equal(stream.State with { Keys = [] }, view.State with { Keys = [] });
        Assert.Equal(stream.State.Keys, view.State.Keys);
        Assert.Equal((stream.FirstRecordedAt, stream.LastRecordedAt), (view.CreatedAt, view.UpdatedAt));
        Assert.Equal("disabled renamed", await database.Scalar<string>($"select status || ' ' || label from read.webhooks where webhook_id = '{id.Value}'"));
    }

    [Fact]
    public async Task A_lost_append_leaves_the_row_as_it_was()
    {
        var id = new WebhookId(Id(610));
        await database.Append(id.Value, 0, Meta, Created(Configuration("first")));

        Assert.IsType<Webhooks.EventStore.SaveResult.VersionConflict>(await database.Append(id.Value, 1, Meta, new WebhookUpdated(Configuration("lost"))));

        Assert.Equal("first", (await Queries.One(id, default))!.State.Configuration!.Label);
    }

    [Theory]
    [InlineData(WebhookSort.Url, false)]
    [InlineData(WebhookSort.Url, true)]
    [InlineData(WebhookSort.Label, false)]
    [InlineData(WebhookSort.Label, true)]
    [InlineData(WebhookSort.CreatedAt, false)]
    [InlineData(WebhookSort.CreatedAt, true)]
    public async Task Pages_hold_every_webhook_once_in_order_also_where_values_are_equal(WebhookSort sort, bool descending)
    {
        var company = new CompanyId(Id(700 + ((int)sort * 2) + (descending ? 1 : 0)));
        var other = company with { Value = Id(777) };
        var random = new Random((int)sort + (descending ? 100 : 0));
        for (var i = 0; i < 25; i++)
        {
            var owner = i % 5 == 0 ? other : company;
            var id = Id(8000 + i, random);
            Assert.IsType<Webhooks.EventStore.SaveResult.Saved>(await database.Append(id, 0, Meta with { Company = owner }, Created(Configuration($"label {i % 3}", $"https://{i % 4}.test/"), company: owner)));
            if (i % 6 == 1)
            {
                await database.Append(id, 2, Meta with { Company = owner }, new WebhookDeleted());
            }
        }

        var pages = new List<WebhookView>();
        WebhookCursor? next = null;
        do
        {
            var page = await Queries.List(company, sort, descending, next, 3, default);
            pages.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);

        Func<WebhookView, string> key = sort switch
        {
            WebhookSort.Url => w => w.State.Configuration!.Url,
            WebhookSort.Label => w => w.State.Configuration!.Label,
            _ => w => w.CreatedAt.ToString("O"),
        };
        var inOrder = pages.OrderBy(key, StringComparer.Ordinal).ThenBy(w => w.Id.ToString(), StringComparer.Ordinal);
        Assert.Equal(descending ? inOrder.Reverse().Select(w => w.Id) : inOrder.Select(w => w.Id), pages.Select(w => w.Id));
        Assert.Equal(await database.Scalar<long>($"select count(*) from read.webhooks where company_id = '{company.Value}' and status <> 'deleted'"), pages.Count);
        Assert.All(pages, w => Assert.NotEqual(WebhookStatus.Deleted, w.State.Status));
        Assert.True((await Queries.List(null, sort, descending, null, 1000, default)).Items.Count > pages.Count);
    }
}
