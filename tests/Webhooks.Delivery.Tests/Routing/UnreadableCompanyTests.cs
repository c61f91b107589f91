using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Routing;

/// <summary>A company whose settings can't be read is not delivered to. All others are.</summary>
public sealed class UnreadableCompanyTests(Installation installation) : IClassFixture<Installation>
{
    private static Task<long> Settings(Installation installation, CompanyId company, string settings) => installation.Scalar<long>($"""
        with c as (
            insert into read.companies (company_id, code, name, version, created_at, settings) values ('{company.Value}', '{company.Value}', '', 1, now(), {settings})
            on conflict (company_id) do update set settings = excluded.settings),
        r as (update delivery.routing_versions set version = version + 1, tx = pg_current_xact_id() where company_id = '{company.Value}')
        select 1::bigint
        """);

    [Fact]
    public async Task Changes_of_other_companies_are_followed()
    {
        await using var unreadable = await Ground.Of(installation);
        await using var well = await Ground.Of(installation);
        var node = await unreadable.StartNode();
        var first = await unreadable.Register(c => c);
        var webhook = await well.Register(c => c);
        await unreadable.Emit(node);
        await well.Emit(node);
        await Settings(installation, unreadable.Company, "'null'");

        await installation.Change(first, new DisableWebhook(DisabledReason.Manual), unreadable.Company);
        await installation.Change(webhook, new DisableWebhook(DisabledReason.Manual), well.Company);
        await Eventually.Is(() => Status(well.Company, webhook) == WebhookStatus.Disabled, "the change is known");

        // And its own are, as soon as it can be read.
        await Settings(installation, unreadable.Company, "null");
        await Eventually.Is(() => Status(unreadable.Company, first) == WebhookStatus.Disabled, "the change is known");

        WebhookStatus? Status(CompanyId company, WebhookId of) => node.Routing.Present(company)?.Find(of)?.Status;
    }

    [Theory]
    [InlineData(OrderingMode.None)]
    [InlineData(OrderingMode.Strict)]
    public async Task What_waits_for_other_companies_is_loaded(OrderingMode ordering)
    {
        await using var unreadable = await Ground.Of(installation);
        await using var well = await Ground.Of(installation);
        var accepting = await unreadable.StartNode(o => o with { Delivers = false });
        await unreadable.Register(c => c with { Ordering = ordering });
        await well.Register(c => c with { Ordering = ordering });
        for (var i = 0; i < 3; i++)
        {
            await unreadable.Emit(accepting, $"[\"a\",{i}]", "a");
            await well.Emit(accepting, $"[\"a\",{i}]", "a");
        }

        await Settings(installation, unreadable.Company, "'null'");
        await unreadable.StartNode();
        await well.Receiver.HasReceived(3);
        Assert.Empty(unreadable.Receiver.Requests);

        // And its own is, as soon as it can be read.
        await Settings(installation, unreadable.Company, "null");
        await unreadable.Receiver.HasReceived(3);
        if (ordering == OrderingMode.Strict)
        {
            Assert.Equal([0, 1, 2], unreadable.NumbersOf("a"));
        }
    }
}
