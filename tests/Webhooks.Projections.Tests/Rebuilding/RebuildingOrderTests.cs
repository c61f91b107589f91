using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Endpoints;
using Webhooks.Domain.Messages;
using Webhooks.Projections.Rebuilding;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Rebuilding;

/// <summary>Numbers, keys and times of the schedule come back from the log.</summary>
public sealed class RebuildingOrderTests(MigratedDatabase database) : IClassFixture<MigratedDatabase>
{
    private static readonly WebhookId Strict = new(Id(99));
    private static readonly DateTimeOffset Later = new(2040, 5, 6, 7, 8, 9, TimeSpan.Zero);

    private static PlannedDelivery Plan(int id, long sequence) => new(new DeliveryId(Id(id)), Strict) { Sequence = sequence, Ordered = true };

    private Task<RebuildResult> Rebuild() => database.Rebuild.Everything(new Progress<RebuildProgress>(), default);

    private Task<string> Row(int id) => database.Scalar<string>(
        $"select concat_ws(' ', sequence, quote_nullable(ordering_key), due_at at time zone 'UTC', deliver_at at time zone 'UTC', shard) from delivery.queue where delivery_id = '{Id(id)}'");

    private static int Shard => Id(99).ToByteArray(bigEndian: true)[15] & 63;

    [Fact]
    public async Task Rows_have_their_number_key_time_and_shard_again()
    {
        await database.Append(Strict.Value, 0, Meta, Created(Configuration() with { Ordering = OrderingMode.Strict }));
        await database.Append(Id(10), 0, Meta, Emitted("a", Plan(11, 1)) with { OrderingKey = "customer 7" });
        await database.Append(Id(20), 0, Meta, Emitted("a", Plan(21, 2)) with { DeliverAt = Later });
        await database.Append(Id(30), 0, Meta, Emitted("a", Plan(31, 3)) with { DeliverAt = Later, OrderingKey = "x" }, new EventFannedOut(new[] { new PlannedDelivery(new DeliveryId(Id(32)), new WebhookId(Id(98))) { Sequence = 7 } }));
        await database.Append(Id(31), 0, Meta, new DeliveryDeferred(DeferredReason.WebhookDisabled));
        await database.Append(Id(40), 0, Meta, Emitted("a", Plan(41, 4)));
        await database.Append(Id(41), 0, Meta, Failed(1, null), new DeliveryExhausted { BlocksKey = true });
        await database.Append(Id(50), 0, Meta, Emitted("a", Plan(51, 5)) with { OrderingKey = "x" });
        await database.Append(Id(51), 0, Meta, Failed(1, null), new DeliveryExhausted(), new ResendRequested(Later));
        await database.Append(Id(60), 0, Meta, Emitted("a", Plan(61, 6)) with { DeliverAt = Later });
        await database.Append(Id(60), 1, Meta, new EventCancelled());
        await database.Append(Id(61), 0, Meta, new DeliveryCancelled(CancelledReason.EventCancelled));

        Assert.IsType<RebuildResult.Done>(await Rebuild());

        Assert.StartsWith("1 'customer 7' ", await Row(11), StringComparison.Ordinal);
        Assert.EndsWith($" {Shard}", await Row(11), StringComparison.Ordinal);
        Assert.Equal($"2 '' 2040-05-06 07:08:09 2040-05-06 07:08:09 {Shard}", await Row(21));
        Assert.Equal($"3 'x' infinity 2040-05-06 07:08:09 {Shard}", await Row(31));
        Assert.StartsWith("7 NULL 2040-05-06 07:08:09 2040-05-06 07:08:09 ", await Row(32), StringComparison.Ordinal);
        Assert.Equal($"5 NULL 2040-05-06 07:08:09 {Shard}", await Row(51));
        Assert.Equal(5, await database.Scalar<long>("select count(*) from delivery.queue"));
        Assert.Equal($"({Strict.Value},\"\",{Id(41)})", await database.Text("delivery.blocked_keys"));
        Assert.Equal(6, await database.Scalar<long>($"select last from delivery.sequences where webhook_id = '{Strict.Value}'"));
        Assert.Equal(7, await database.Scalar<long>($"select last from delivery.sequences where webhook_id = '{Id(98)}'"));

        // Once more, over what is there: numbers never go back.
        await database.Execute($"update delivery.sequences set last = 100 where webhook_id = '{Strict.Value}'");
        await Rebuild();
        Assert.Equal(100, await database.Scalar<long>($"select last from delivery.sequences where webhook_id = '{Strict.Value}'"));
        Assert.Equal(5, await database.Scalar<long>("select count(*) from delivery.queue"));
    }
}
