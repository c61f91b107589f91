using Webhooks.Api.Http;
using Webhooks.Delivery;
using Webhooks.Delivery.Accepting;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Endpoints;
using Webhooks.EventStore;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Deliveries;

/// <summary>POST /v1/deliveries/{sid}/~retry</summary>
public static class RetryDelivery
{
    public static void Map(RouteGroupBuilder api) => api.MapPost("/deliveries/{sid}/~retry", Handle)
        .RequireScope(Scopes.Manage)
        .WithTags("Deliveries")
        .WithSummary("Send a delivery again")
        .WithDescription("""
            Whatever became of it: an exhausted or succeeded delivery starts a new series of attempts, one that waits for its next attempt is sent at once and keeps its count.
            The receiver sees the same webhook-id. Asking again while it is on its way changes nothing. Refused (409) while its webhook is disabled or deleted, or its event not due.
            With strict ordering, one that holds back its key goes first and the key after it, once it has arrived; any other that was over comes out of order, with its number.
            """)
        .Answers(202, "It is on its way.", $$"""{"delivery":{{DeliveryAnswer.ExampleWithAttempts}}}""");

    internal static DeliveryPlan PlanOf(DeliveryDetails delivery) => new(delivery.Id, delivery.Event, delivery.Webhook, delivery.Company)
    {
        Sequence = delivery.Sequence,
        OrderingKey = delivery.IsOrdered ? delivery.OrderingKey ?? "" : null,
        DeliverAt = delivery.DeliverAt,
    };

    private static async Task<IResult> Handle(HttpContext http, string sid, DeliveryAudit audit, DeliveryNode node, PostgresEventStore store, DatabaseClock clock)
    {
        new Query(http).Done();
        (await JsonBody.ReadOptional(http)).Done();
        var delivery = await GetDelivery.Find(http, sid, audit);
        var webhook = await store.AggregateStream<Webhook, WebhookFact>(delivery.Webhook.Value, Webhook.Unknown, Webhook.Evolve, null, null, http.RequestAborted);
        var plan = PlanOf(delivery) with { Pinned = webhook.State.Configuration?.IsPinned ?? false };
        if (await node.Resends.Resend(plan, webhook.State.Status, clock.Now, http.Caller().Key, http.Call().Correlation, http.RequestAborted) is { } refusal)
        {
            throw new ProblemException(Problems.Of(refusal));
        }

        var after = await GetDelivery.Find(http, sid, audit);
        ETag.Set(http, after.Version);
        return Results.Json(new { delivery = DeliveryAnswer.Of(after) }, Wire.Json, statusCode: StatusCodes.Status202Accepted);
    }
}
