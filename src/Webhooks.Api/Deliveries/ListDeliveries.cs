using Webhooks.Api.Http;
using Webhooks.Api.Operations;
using Webhooks.Domain;
using Webhooks.Domain.Companies;
using Webhooks.Domain.Deliveries;
using Webhooks.Projections;
using Webhooks.Projections.Deliveries;

namespace Webhooks.Api.Deliveries;

/// <summary>GET /v1/deliveries</summary>
public static class ListDeliveries
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/deliveries", Handle)
        .RequireScope(Scopes.Read)
        .WithTags("Deliveries")
        .WithSummary("List deliveries")
        .WithDescription($"The newest first: one delivery for each event and webhook that matched. {ReadModelWait.Description}")
        .AsksFor("company_sid", "Only this company's; a company's key sees its own alone.")
        .AsksFor("webhook_sid", "Only to this webhook.")
        .AsksFor("event_sid", "Only of this event.")
        .AsksFor("type", "Only of events of exactly this type.", "order.paid")
        .AsksFor("status", $"Only in this state: {EnumNames<DeliveryStatus>.List}.", "exhausted")
        .IsPagedNewestFirst()
        .Answers(200, "A page; next_page_token is empty on the last one.", $$"""{"deliveries":[{{DeliveryAnswer.Example}}],"next_page_token":"","as_of":"2026-01-31T12:00:01.000Z"}""");

    private static async Task<IResult> Handle(HttpContext http, DeliveryQueries deliveries, ReadModelWait wait)
    {
        var query = new Query(http);
        var seesAny = query.ReadCompany(http.Caller(), out var company);
        var filter = new DeliveryFilter(
            company,
            query.Sid<WebhookId>("webhook_sid"),
            query.Sid<MessageId>("event_sid"),
            query.Text("type"),
            query.Enum<DeliveryStatus>("status"),
            query.Time("since"),
            query.Time("until"));
        var page = query.ReadPage<DeliveryId>();
        query.Done();

        await wait.Honour(http);
        var found = seesAny
            ? await deliveries.List(filter, page.After?.Id<DeliveryId>(0), page.Size, http.RequestAborted)
            : new Page<DeliverySummary, DeliveryId>([], null, null);
        return Results.Json(
            new { deliveries = found.Items.Select(DeliveryAnswer.Of), next_page_token = NewestFirstPage.Token(found.Next), as_of = wait.AsOf(found.Freshness) },
            Wire.Json);
    }
}
