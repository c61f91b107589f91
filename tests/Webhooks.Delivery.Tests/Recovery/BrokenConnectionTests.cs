using System.Text;
using Npgsql;
using Webhooks.Delivery.Accepting;
using Webhooks.Delivery.Tests.Ordering;
using Webhooks.Domain;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Testing;

namespace Webhooks.Delivery.Tests.Recovery;

/// <summary>Every row that says that it is in memory is in one, or becomes due again, wherever the connection broke off.</summary>
public sealed class BrokenConnectionTests(Installation installation) : IClassFixture<Installation>
{
    private const int Events = 100;
    private const int Between = 8;
    private static readonly string[] Keys = ["a", "b", "c", "d"];

    [Theory]
    [InlineData(OrderingMode.None)]
    [InlineData(OrderingMode.Strict)]
    public async Task Everything_accepted_is_delivered_whatever_breaks_off(OrderingMode ordering)
    {
        await using var line = new DatabaseLine(installation.ConnectionString);
        await using var dataSource = NpgsqlDataSource.Create(line.ConnectionString);
        await using var ground = await Ground.Of(installation);
        var node = await ground.StartNode(o => o with { MaxInMemory = 100 }, dataSource: dataSource);
        await ground.Register(c => c with { Ordering = ordering });
        var emitting = Task.WhenAll(Keys.Select(async key =>
        {
            for (var number = 0; number < Events; number++)
            {
                await EmitUntilAccepted(node, ground.Company, key, number);
            }
        }));

        for (var received = Between; received < Keys.Length * Events; received += Between)
        {
            await ground.Receiver.HasReceived(received);
            line.Break();
        }

        await Eventually.Arrives(emitting, "everything is accepted");
        await Eventually.Is(async () => await installation.Scalar<long>("select count(*) from delivery.queue") == 0, "the queue is empty");
        Assert.Equal(Keys.Length * Events, await installation.Scalar<long>($"select count(*) from es.events where type = 'delivery.succeeded.v1' and company_id = '{ground.Company.Value}'"));
        foreach (var key in Keys)
        {
            var numbers = ground.NumbersOf(key).Distinct();
            Assert.Equal(Enumerable.Range(0, Events), ordering == OrderingMode.Strict ? numbers : numbers.Order());
        }
    }

    private static async Task EmitUntilAccepted(DeliveryNode node, CompanyId company, string key, int number)
    {
        var e = new EventToEmit(company, "order.paid", Encoding.UTF8.GetBytes($"[\"{key}\",{number}]"), $"{key}-{number}", null, Guid.NewGuid()) { OrderingKey = key };
        await Eventually.Is(
            async () =>
            {
                try
                {
                    return await node.Acceptance.Emit(e, default) is EmitOutcome.Accepted;
                }
                catch (DatabaseUnavailableException)
                {
                    return false;
                }
            },
            "the event is accepted");
    }
}
