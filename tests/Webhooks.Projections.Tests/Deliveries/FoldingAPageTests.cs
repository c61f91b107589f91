using Webhooks.Domain;
using Webhooks.Domain.Deliveries;
using Webhooks.Domain.Messages;
using Webhooks.Projections.Deliveries;
using static Webhooks.Projections.Tests.Given;

namespace Webhooks.Projections.Tests.Deliveries;

public sealed class FoldingAPageTests
{
    private static readonly Guid Event = Id(10);
    private static readonly PlannedDelivery First = new(new DeliveryId(Id(11)), new WebhookId(Id(21)));
    private static readonly PlannedDelivery Second = new(new DeliveryId(Id(12)), new WebhookId(Id(22)));

    [Fact]
    public void An_event_yields_a_pending_row_for_every_webhook()
    {
        var page = new DeliveryPage([Stored(Event, 1, Emitted("a", First, Second), 1)]);

        var rows = page.Fold([], []);

        Assert.Equal([First.Delivery.Value, Second.Delivery.Value], rows.Select(r => r.DeliveryId));
        Assert.All(rows, r => Assert.Equal((Event, "a", DeliveryState.Planned), (r.MessageId, r.Type, r.State)));
    }

    [Fact]
    public void A_delivery_planned_and_finished_within_the_page_is_one_row_in_its_final_state()
    {
        var page = new DeliveryPage(
        [
            Stored(Event, 1, Emitted("a", First), 1),
            Stored(First.Delivery.Value, 1, Failed(1, Start), 2),
            Stored(First.Delivery.Value, 2, Succeeded(2), 3),
        ]);

        Assert.Empty(page.EarlierDeliveries);
        var row = Assert.Single(page.Fold([], []));
        Assert.Equal(new DeliveryState(DeliveryStatus.Succeeded, 2, 0, null), row.State);
        Assert.Equal((200, (FailureClass?)null, Start.AddMinutes(3)), (row.LastStatus, row.LastFailure, row.UpdatedAt));
    }

    [Fact]
    public void A_delivery_of_an_earlier_page_is_asked_for_and_goes_on_from_its_row()
    {
        var earlier = Assert.Single(new DeliveryPage([Stored(Event, 1, Emitted("a", First), 1)]).Fold([], []));
        var page = new DeliveryPage([Stored(First.Delivery.Value, 1, Failed(1, Start.AddHours(1)), 2)]);

        Assert.Equal([First.Delivery.Value], page.EarlierDeliveries);
        var row = Assert.Single(page.Fold([earlier], []));
        Assert.Equal(new DeliveryState(DeliveryStatus.Pending, 1, 1, Start.AddHours(1)), row.State);
        Assert.Equal((503, FailureClass.Status), (row.LastStatus, row.LastFailure));
    }

    [Fact]
    public void A_fan_out_that_goes_on_in_the_next_page_asks_for_the_type_of_its_event()
    {
        var page = new DeliveryPage([Stored(Event, 2, new EventFannedOut(new[] { Second }), 2)]);

        Assert.Equal([Event], page.EarlierMessages);
        Assert.Equal("a", Assert.Single(page.Fold([], [new(Event, Emitted("a"))])).Type);
    }

    [Fact]
    public void An_outcome_of_a_delivery_that_nothing_planned_stops_the_projection_and_says_where()
    {
        var page = new DeliveryPage([Stored(First.Delivery.Value, 1, Succeeded(1), 7)]);

        var failure = Assert.Throws<InvalidDataException>(() => page.Fold([], []));

        Assert.Contains("1/7", failure.Message);
        Assert.Contains(First.Delivery.ToString(), failure.Message);
    }

    [Fact]
    public void What_changes_no_attempt_keeps_the_last_outcome()
    {
        var page = new DeliveryPage(
        [
            Stored(Event, 1, Emitted("a", First), 1),
            Stored(First.Delivery.Value, 1, Failed(1, Start), 2),
            Stored(First.Delivery.Value, 2, new DeliveryCancelled(CancelledReason.WebhookDeleted), 3),
        ]);

        var row = Assert.Single(page.Fold([], []));

        Assert.Equal((DeliveryStatus.Cancelled, 503, FailureClass.Status), (row.State.Status, row.LastStatus, row.LastFailure));
    }
}
